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
  email: 'Email',
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
  email: 'Электронная почта',
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

const hy: Strings = {
  views: 'Դիտումներ՝ {count}',
  sharePrompt: 'Հավանեցի՞ք լուրը։ Կիսվե՛ք դրանով սոցիալական ցանցերում։',
  copyLink: 'Պատճենել հղումը',
  linkCopied: 'Հղումը պատճենված է',
  email: 'Էլ. փոստ',
  topStories: 'Աշխարհի ամենակարևոր լուրերը',
  latestNews: 'Վերջին լուրերը',
  relatedStories: 'Կարդացեք նաև',
  source: 'Աղբյուր',
  sourceReports: 'ըստ {source}-ի',
  publishedAt: 'Հրապարակվել է',
  updatedAt: 'Թարմացվել է',
  correction: 'Ուղղում',
  by: 'Հեղինակ',
  tags: 'Թեմաներ',
  followUs: 'Հետևեք մեզ',
  getTheApp: 'Ներբեռնեք հավելվածը',
  search: 'Որոնում',
  nothingFound: 'Ոչինչ չի գտնվել',
  loadMore: 'Ցուցադրել ավելին',
  home: 'Գլխավոր',
  navigation: 'Բաժիններ',
  languages: 'Լեզուներ',
  notFound: 'Այսպիսի էջ չկա',
  gone: 'Այս լուրը հանվել է կայքից'
}

const fr: Strings = {
  views: 'Vues\u00a0: {count}',
  sharePrompt: 'Cet article vous a plu\u00a0? Partagez-le sur les réseaux sociaux\u00a0!',
  copyLink: 'Copier le lien',
  linkCopied: 'Lien copié',
  email: 'E-mail',
  topStories: 'L’essentiel de l’actualité internationale',
  latestNews: 'Dernières actualités',
  relatedStories: 'À lire aussi',
  source: 'Source',
  sourceReports: 'rapporte {source}',
  publishedAt: 'Publié',
  updatedAt: 'Mis à jour',
  correction: 'Rectificatif',
  by: 'Par',
  tags: 'Thèmes',
  followUs: 'Suivez-nous',
  getTheApp: 'Télécharger l’application',
  search: 'Recherche',
  nothingFound: 'Aucun résultat',
  loadMore: 'Afficher plus',
  home: 'Accueil',
  navigation: 'Rubriques',
  languages: 'Langues',
  notFound: 'Cette page n’existe pas',
  gone: 'Cet article a été retiré'
}

const de: Strings = {
  views: 'Aufrufe: {count}',
  sharePrompt: 'Hat Ihnen der Artikel gefallen? Teilen Sie ihn in den sozialen Medien!',
  copyLink: 'Link kopieren',
  linkCopied: 'Link kopiert',
  email: 'E-Mail',
  topStories: 'Die wichtigsten Nachrichten aus aller Welt',
  latestNews: 'Neueste Nachrichten',
  relatedStories: 'Lesen Sie auch',
  source: 'Quelle',
  sourceReports: 'berichtet {source}',
  publishedAt: 'Veröffentlicht',
  updatedAt: 'Aktualisiert',
  correction: 'Korrektur',
  by: 'Von',
  tags: 'Themen',
  followUs: 'Folgen Sie uns',
  getTheApp: 'App herunterladen',
  search: 'Suche',
  nothingFound: 'Nichts gefunden',
  loadMore: 'Mehr anzeigen',
  home: 'Startseite',
  navigation: 'Rubriken',
  languages: 'Sprachen',
  notFound: 'Diese Seite gibt es nicht',
  gone: 'Dieser Artikel wurde zurückgezogen'
}

const es: Strings = {
  views: 'Visualizaciones: {count}',
  sharePrompt: '¿Te ha gustado la noticia? ¡Compártela en las redes sociales!',
  copyLink: 'Copiar enlace',
  linkCopied: 'Enlace copiado',
  email: 'Correo electrónico',
  topStories: 'Las noticias más importantes del mundo',
  latestNews: 'Últimas noticias',
  relatedStories: 'Lee también',
  source: 'Fuente',
  sourceReports: 'informa {source}',
  publishedAt: 'Publicado',
  updatedAt: 'Actualizado',
  correction: 'Corrección',
  by: 'Por',
  tags: 'Temas',
  followUs: 'Síguenos',
  getTheApp: 'Descarga la aplicación',
  search: 'Buscar',
  nothingFound: 'No se ha encontrado nada',
  loadMore: 'Mostrar más',
  home: 'Portada',
  navigation: 'Secciones',
  languages: 'Idiomas',
  notFound: 'Esta página no existe',
  gone: 'Esta noticia ha sido retirada'
}

const ar: Strings = {
  views: 'المشاهدات: {count}',
  sharePrompt: 'هل أعجبك الخبر؟ شاركه على وسائل التواصل الاجتماعي!',
  copyLink: 'نسخ الرابط',
  linkCopied: 'تم نسخ الرابط',
  email: 'البريد الإلكتروني',
  topStories: 'أهم أخبار العالم',
  latestNews: 'آخر الأخبار',
  relatedStories: 'اقرأ أيضًا',
  source: 'المصدر',
  sourceReports: 'بحسب {source}',
  publishedAt: 'تاريخ النشر',
  updatedAt: 'آخر تحديث',
  correction: 'تصحيح',
  by: 'بقلم',
  tags: 'الموضوعات',
  followUs: 'تابعنا',
  getTheApp: 'حمّل التطبيق',
  search: 'بحث',
  nothingFound: 'لا توجد نتائج',
  loadMore: 'عرض المزيد',
  home: 'الرئيسية',
  navigation: 'الأقسام',
  languages: 'اللغات',
  notFound: 'هذه الصفحة غير موجودة',
  gone: 'تم سحب هذا الخبر'
}

const defaults: Record<string, Strings> = { en, ru, hy, fr, de, es, ar }

/** The defaults of the first of these locales (or its language) that has any, else the English ones. */
export function defaultStrings(locales: string[]): Strings {
  const known = locales.find(hasStrings)
  return (known && stringsOf(known)) || en
}

/** Whether there are defaults in the language of the locale. */
export const hasStrings = (locale: string) => stringsOf(locale) !== undefined

const stringsOf = (locale: string) => defaults[locale] ?? defaults[locale.split('-')[0] ?? '']
