/**
 * What a front end says to readers in its own voice, by locale. A site's document may put its own words in place of
 * any of these. `{count}`, `{year}`, `{source}` are filled in by the front end.
 */
import type { Static } from 'typebox'
import type { ReaderStrings } from './schema.ts'

type Strings = Static<typeof ReaderStrings>

const en: Strings = {
  views: 'Views: {count}',
  sharePrompt: 'Liked the story? Share it on social media!',
  copyLink: 'Copy link',
  linkCopied: 'Link copied',
  topStories: 'The most important world news',
  latestNews: 'Latest news',
  relatedStories: 'Read also',
  source: 'Source',
  sourceReports: '{source} reports',
  publishedAt: 'Published',
  updatedAt: 'Updated',
  correction: 'Correction',
  by: 'By',
  tags: 'Tags',
  followUs: 'Follow us',
  getTheApp: 'Get the app',
  search: 'Search',
  nothingFound: 'Nothing found',
  loadMore: 'Show more',
  home: 'Home',
  navigation: 'Sections',
  languages: 'Languages',
  notFound: 'There is no such page',
  gone: 'This story has been taken down'
}

const ru: Strings = {
  views: 'Просмотры: {count}',
  sharePrompt: 'Понравилась новость? Поделитесь ею в соцсетях!',
  copyLink: 'Скопировать ссылку',
  linkCopied: 'Ссылка скопирована',
  topStories: 'Самые важные новости мира',
  latestNews: 'Последние новости',
  relatedStories: 'Читайте также',
  source: 'Источник',
  sourceReports: 'сообщает {source}',
  publishedAt: 'Опубликовано',
  updatedAt: 'Обновлено',
  correction: 'Исправление',
  by: 'Автор',
  tags: 'Темы',
  followUs: 'Подписывайтесь на нас',
  getTheApp: 'Скачайте приложение',
  search: 'Поиск',
  nothingFound: 'Ничего не найдено',
  loadMore: 'Показать ещё',
  home: 'Главная',
  navigation: 'Разделы',
  languages: 'Языки',
  notFound: 'Такой страницы нет',
  gone: 'Эта новость снята с публикации'
}

const defaults: Record<string, Strings> = { en, ru }

/** The defaults of the first of these locales (or its language) that has any, else the English ones. */
export function defaultStrings(locales: string[]): Strings {
  for (const locale of locales) {
    const found = defaults[locale] ?? defaults[locale.split('-')[0] ?? '']
    if (found) return found
  }
  return en
}
