import type { DemoList } from './newsroom.ts'

export const lists: DemoList[] = [
  {
    slug: 'world-news',
    titles: { en: 'The most important world news', ru: 'Самые важные новости мира' },
    size: 5,
    tail: null,
    items: [
      { story: 'corrin-strait-talks', pinnedForMinutes: null },
      { story: 'skarva-glacier-sensors', pinnedForMinutes: 3 * 24 * 60 },
      { story: 'central-bank-holds', pinnedForMinutes: null }
    ]
  }
]
