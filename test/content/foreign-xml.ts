/** XML as somebody else's parser reads it: libxml2. It refuses what is not well-formed. */
import { readFileSync } from 'node:fs'
import { XmlDocument, XsdValidator } from 'libxml2-wasm'
import { root } from '../../src/root.ts'

const namespaces = {
  atom: 'http://www.w3.org/2005/Atom',
  dc: 'http://purl.org/dc/elements/1.1/',
  media: 'http://search.yahoo.com/mrss/',
  map: 'http://www.sitemaps.org/schemas/sitemap/0.9',
  xhtml: 'http://www.w3.org/1999/xhtml',
  news: 'http://www.google.com/schemas/sitemap-news/0.9'
}

/** Does something with a document, and gives back its memory, which is not Node's. */
function withDocument<Result>(text: string, work: (document: XmlDocument) => Result): Result {
  const document = XmlDocument.fromString(text)
  try {
    return work(document)
  } finally {
    document.dispose()
  }
}

/** Finds the texts of what an XPath names, in the order of the document. Throws when the text is not XML. */
export function reading(text: string): (path: string) => string[] {
  withDocument(text, () => undefined)
  return (path) =>
    withDocument(text, (document) => document.find(path, namespaces).map((node) => node.content))
}

const schema = readFileSync(new URL('node_modules/sitemap/schema/sitemap.xsd', root), 'utf8').replaceAll(
  'processContents="strict"',
  'processContents="lax"'
)

/** Throws when a sitemap is not what the schema of sitemaps.org says. */
export const refuseInvalidSitemap = (text: string) =>
  withDocument(schema, (xsd) => {
    const validator = XsdValidator.fromDoc(xsd)
    try {
      withDocument(text, (document) => validator.validate(document))
    } finally {
      validator.dispose()
    }
  })
