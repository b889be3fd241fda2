import type { DemoAuthor } from './newsroom.ts'

export const authors: DemoAuthor[] = [
  {
    slug: 'ines-halloran',
    name: 'Ines Halloran',
    bios: {
      en: 'Diplomatic correspondent. She has spent fifteen years in the corridors outside rooms where treaties are written, and collects the menus of failed summits.',
      ru: 'Дипломатический обозреватель. Пятнадцать лет дежурит у дверей, за которыми пишут международные договоры, и собирает меню несостоявшихся саммитов.'
    },
    links: [
      { label: 'Telegram', url: 'https://t.me/ines_halloran_demo' },
      { label: 'X', url: 'https://x.com/ines_h_demo' }
    ]
  },
  {
    slug: 'tomas-verhaeren',
    name: 'Tomas Verhaeren',
    bios: {
      en: 'Economics editor. Writes about central banks, ports and the price of bread, and tries to keep all three in one paragraph.',
      ru: 'Редактор отдела экономики. Пишет о центральных банках, портах и цене хлеба — по возможности в одном абзаце.'
    },
    links: [{ label: 'X', url: 'https://x.com/t_verhaeren_demo' }]
  },
  {
    slug: 'leila-tamrazi',
    name: 'Leila Tamrazi',
    bios: {
      en: 'Science correspondent, covering climate, space and technology. A former hydrologist who still reads the appendix first.',
      ru: 'Научный обозреватель: климат, космос, технологии. В прошлом гидролог и до сих пор начинает чтение статей с приложений.'
    },
    links: [
      { label: 'Mastodon', url: 'https://mastodon.example/@leila_tamrazi' },
      { label: 'YouTube', url: 'https://www.youtube.com/@leila-tamrazi-demo' }
    ]
  },
  {
    slug: 'dana-okafor-lind',
    name: 'Dana Okafor-Lind',
    bios: {
      en: 'Writes about cities and the arts. Lives in Port Ansel, two stops from the end of the harbour line.',
      ru: 'Пишет о городах и культуре. Живет в Порт-Анселе, в двух остановках от конечной портовой линии.'
    },
    links: [{ label: 'Instagram', url: 'https://www.instagram.com/dana.okafor.lind.demo' }]
  },
  {
    slug: 'mikael-sundqvar',
    name: 'Mikael Sundqvar',
    bios: {
      en: 'Sports writer and author of the series Slow Routes, for which he has not boarded an aeroplane in six years.',
      ru: 'Спортивный журналист и автор цикла «Неспешные маршруты», ради которого шесть лет не садился в самолет.'
    },
    links: []
  }
]
