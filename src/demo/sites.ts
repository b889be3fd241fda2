import type { DemoSite } from './newsroom.ts'

export const sites: DemoSite[] = [
  {
    locale: 'en',
    isDefault: true,
    name: 'Meridian Post',
    tagline: 'World news, carefully told',
    timeZone: 'Europe/Lisbon',
    articleUrl: 'http://localhost:4000/{locale}/{slug}',
    fallbacks: [],
    navigation: [
      { label: 'World', url: '/en/tag/world' },
      { label: 'Economy', url: '/en/tag/economy' },
      { label: 'Science', url: '/en/tag/science' },
      { label: 'Culture', url: '/en/tag/culture' },
      { label: 'Sport', url: '/en/tag/sport' },
      { label: 'Life', url: '/en/tag/life' }
    ],
    networks: [
      {
        network: 'youtube',
        label: 'Follow us on YouTube',
        url: 'https://www.youtube.com/@meridian-post-demo-en'
      },
      { network: 'telegram', label: 'Follow us on Telegram', url: 'https://t.me/meridian_post_demo_en' },
      { network: 'x', label: 'Follow us on X', url: 'https://x.com/meridian_demo_en' },
      {
        network: 'facebook',
        label: 'Follow us on Facebook',
        url: 'https://www.facebook.com/meridian.post.demo.en'
      },
      {
        network: 'instagram',
        label: 'Follow us on Instagram',
        url: 'https://www.instagram.com/meridian.post.demo.en'
      }
    ],
    apps: [
      {
        store: 'app_store',
        label: 'Download on the App Store',
        url: 'https://apps.apple.com/app/id0000000001'
      },
      {
        store: 'google_play',
        label: 'Get it on Google Play',
        url: 'https://play.google.com/store/apps/details?id=com.example.meridianpost&hl=en'
      }
    ],
    terms: {
      text: 'Any use of materials is allowed only with a hyperlink to {link}.',
      link: { label: 'Meridian Post', url: 'https://meridian-post.example/en' }
    },
    copyright: '© {year} Meridian Post'
  },
  {
    locale: 'ru',
    isDefault: false,
    name: 'Меридиан пост',
    tagline: 'Новости мира без спешки',
    timeZone: 'Europe/Moscow',
    articleUrl: 'http://localhost:4000/{locale}/{slug}',
    fallbacks: ['en'],
    navigation: [
      { label: 'Мир', url: '/ru/tag/world' },
      { label: 'Экономика', url: '/ru/tag/economy' },
      { label: 'Наука', url: '/ru/tag/science' },
      { label: 'Культура', url: '/ru/tag/culture' },
      { label: 'Спорт', url: '/ru/tag/sport' },
      { label: 'Жизнь', url: '/ru/tag/life' }
    ],
    networks: [
      {
        network: 'youtube',
        label: 'Подписывайтесь на нас в YouTube',
        url: 'https://www.youtube.com/@meridian-post-demo-ru'
      },
      {
        network: 'telegram',
        label: 'Подписывайтесь на нас в Telegram',
        url: 'https://t.me/meridian_post_demo_ru'
      },
      { network: 'x', label: 'Подписывайтесь на нас в X', url: 'https://x.com/meridian_demo_ru' },
      {
        network: 'facebook',
        label: 'Подписывайтесь на нас в Facebook',
        url: 'https://www.facebook.com/meridian.post.demo.ru'
      },
      {
        network: 'instagram',
        label: 'Подписывайтесь на нас в Instagram',
        url: 'https://www.instagram.com/meridian.post.demo.ru'
      }
    ],
    apps: [
      { store: 'app_store', label: 'Загрузите в App Store', url: 'https://apps.apple.com/app/id0000000001' },
      {
        store: 'google_play',
        label: 'Скачайте в Google Play',
        url: 'https://play.google.com/store/apps/details?id=com.example.meridianpost&hl=ru'
      }
    ],
    terms: {
      text: 'Любое использование материалов допускается только при наличии гиперссылки на {link}.',
      link: { label: '«Меридиан пост»', url: 'https://meridian-post.example/ru' }
    },
    copyright: '© {year} Меридиан пост'
  }
]
