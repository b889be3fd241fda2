import type { DemoTag } from './newsroom.ts'

export const tags: DemoTag[] = [
  {
    slug: 'world',
    kind: 'section',
    names: { en: 'World', ru: 'Мир' },
    descriptions: {
      en: 'What happens between countries, and why it matters at home.',
      ru: 'Что происходит между странами и почему это важно дома.'
    },
    aliases: ['international']
  },
  {
    slug: 'economy',
    kind: 'section',
    names: { en: 'Economy', ru: 'Экономика' },
    descriptions: { en: 'Money, trade and work.', ru: 'Деньги, торговля и труд.' },
    aliases: ['business']
  },
  {
    slug: 'science',
    kind: 'section',
    names: { en: 'Science', ru: 'Наука' },
    descriptions: {
      en: 'Research worth knowing about, with its doubts left in.',
      ru: 'Исследования, о которых стоит знать, — вместе с сомнениями их авторов.'
    }
  },
  {
    slug: 'culture',
    kind: 'section',
    names: { en: 'Culture', ru: 'Культура' },
    descriptions: { en: 'Books, stages and museums.', ru: 'Книги, сцены и музеи.' },
    aliases: ['arts']
  },
  {
    slug: 'sport',
    kind: 'section',
    names: { en: 'Sport', ru: 'Спорт' },
    descriptions: {
      en: 'Results, and the people behind them.',
      ru: 'Результаты и люди, которые за ними стоят.'
    },
    aliases: ['sports']
  },
  {
    slug: 'life',
    kind: 'section',
    names: { en: 'Life', ru: 'Жизнь' },
    descriptions: { en: 'Cities, health and the road.', ru: 'Город, здоровье и дорога.' }
  },
  {
    slug: 'diplomacy',
    kind: 'topic',
    parent: 'world',
    names: { en: 'Diplomacy', ru: 'Дипломатия' },
    aliases: ['foreign-affairs']
  },
  {
    slug: 'climate',
    kind: 'topic',
    parent: 'science',
    names: { en: 'Climate', ru: 'Климат' },
    descriptions: {
      en: 'Ice, oceans and weather, measured year after year.',
      ru: 'Льды, океаны и погода: измерения год за годом.'
    },
    aliases: ['climate-change', 'global-warming']
  },
  { slug: 'space', kind: 'topic', parent: 'science', names: { en: 'Space', ru: 'Космос' } },
  {
    slug: 'technology',
    kind: 'topic',
    parent: 'science',
    names: { en: 'Technology', ru: 'Технологии' },
    aliases: ['tech']
  },
  {
    slug: 'health',
    kind: 'topic',
    parent: 'life',
    names: { en: 'Health', ru: 'Здоровье' },
    aliases: ['public-health']
  },
  { slug: 'travel', kind: 'topic', parent: 'life', names: { en: 'Travel', ru: 'Путешествия' } },
  {
    slug: 'marenia',
    kind: 'place',
    names: { en: 'Marenia', ru: 'Марения' },
    descriptions: {
      en: 'An invented country on the southern shore of the Corrin Strait.',
      ru: 'Вымышленная страна на южном берегу Корринского пролива.'
    }
  },
  {
    slug: 'port-ansel',
    kind: 'place',
    parent: 'marenia',
    names: { en: 'Port Ansel', ru: 'Порт-Ансел' },
    descriptions: {
      en: 'The capital of Marenia: a harbour, nine bridges and the oldest tramway on the strait.',
      ru: 'Столица Марении: гавань, девять мостов и старейший трамвай на берегах пролива.'
    },
    aliases: ['ansel']
  },
  { slug: 'portugal', kind: 'place', names: { en: 'Portugal', ru: 'Португалия' } },
  {
    slug: 'lisbon',
    kind: 'place',
    parent: 'portugal',
    names: { en: 'Lisbon', ru: 'Лиссабон' },
    aliases: ['lisboa']
  },
  {
    slug: 'bank-of-marenia',
    kind: 'organisation',
    names: { en: 'Bank of Marenia', ru: 'Банк Марении' },
    descriptions: {
      en: 'The central bank of Marenia, founded to keep the crown steady.',
      ru: 'Центральный банк Марении, созданный, чтобы крона оставалась устойчивой.'
    },
    aliases: ['central-bank-of-marenia']
  },
  {
    slug: 'teodora-vask',
    kind: 'person',
    names: { en: 'Teodora Vask', ru: 'Теодора Васк' },
    descriptions: {
      en: 'Open-water swimmer from Port Ansel.',
      ru: 'Пловчиха из Порт-Ансела, выступает на открытой воде.'
    },
    aliases: ['vask']
  },
  {
    slug: 'slow-routes',
    kind: 'series',
    parent: 'travel',
    names: { en: 'Slow Routes', ru: 'Неспешные маршруты' },
    descriptions: {
      en: 'Journeys on which arriving is the least of it.',
      ru: 'Поездки, в которых прибыть на место — далеко не главное.'
    }
  }
]
