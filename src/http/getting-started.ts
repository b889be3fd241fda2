/** What the API document opens with: five steps that work as pasted in the demo newsroom. A test pastes them. */

/** Where the demo newsroom answers when nothing is set. The docs page shows the address of its own service instead. */
export const EXAMPLE_BASE = 'http://localhost:3000'

/** A live story of the demo newsroom. */
const STORY = 'a-lisbon-festival-puts-the-translators-on-the-poster'

export const gettingStarted = `## Getting started

Five steps in the demo newsroom, which \`npm start\` makes when its database is empty. They need a POSIX shell, curl and sed; each
block can be pasted as it is, in this order. The one thing to fill in is the password that the start printed.

**1. Read an article**, as a front end does. What is public needs no token.

\`\`\`sh
BASE=${EXAMPLE_BASE}
curl -s "$BASE/v1/content/articles/${STORY}"
\`\`\`

**2. List what is live**, newest first: three articles with a tag, and then those in Russian. \`page.next\` is the
\`cursor\` of the page after.

\`\`\`sh
curl -s "$BASE/v1/content/articles?tag=marenia&limit=3"
curl -s "$BASE/v1/content/articles?tag=marenia&locale=ru"
\`\`\`

**3. Let readers share it.** The share bar comes ready for use, in the language of the article: the prompt, the link to copy,
each network's own page with a short link filled in, and a QR code.

\`\`\`sh
curl -s "$BASE/v1/content/articles/${STORY}/share"
\`\`\`

**4. Sign in.** The access token is good for ten minutes.

\`\`\`sh
EMAIL=admin@dateline.local
PASSWORD='the password that the start printed'
TOKEN=$(curl -s "$BASE/v1/sessions" -H 'content-type: application/json' \\
  -d '{"email":"'"$EMAIL"'","password":"'"$PASSWORD"'"}' | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')
curl -s "$BASE/v1/me" -H "authorization: Bearer $TOKEN"
\`\`\`

**5. Write and publish.** A new article is a draft that readers do not see. Publishing names the version you have read;
\`{}\` means now, \`{"liveFrom": "2030-01-01T09:00:00Z"}\` would schedule it.

\`\`\`sh
ARTICLE=$(curl -s "$BASE/v1/articles" -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' \\
  -d '{"locale":"en","headline":"My first story","body":{"markdown":"It is **out**."}}' \\
  | sed 's/{"id":"\\([^"]*\\)".*/\\1/')
SLUG=$(curl -s "$BASE/v1/articles/$ARTICLE/publications" -H "authorization: Bearer $TOKEN" \\
  -H 'content-type: application/json' -H 'if-match: "1"' -d '{}' | sed 's/.*"slug":"\\([^"]*\\)".*/\\1/')
curl -s "$BASE/v1/content/articles/$SLUG"
\`\`\``
