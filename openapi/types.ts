// Made by `npm run openapi`. Do not edit.

export interface paths {
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This document
         * @description Public.
         */
        get: operations["getOpenApi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/problems": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every kind of refusal
         * @description Public.
         */
        get: operations["listProblems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/problems/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What one kind of refusal means
         * @description Public.
         */
        get: operations["getProblem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The process answers
         * @description Public.
         */
        get: operations["isLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The database answers too
         * @description 503 while it does not, and from the moment at which this instance was told to close: it serves on for a while, for balancers to look elsewhere.
         *
         *     Public.
         */
        get: operations["isReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where you are signed in, newest first
         * @description Takes the role `contributor` or higher. API keys are not taken.
         */
        get: operations["listSessions"];
        put?: never;
        /**
         * Sign in
         * @description Gives an access token for ten minutes and a refresh token that is good once. After 10 wrong passwords for an e-mail address, or 50 from a network address, within 15 minutes: 429 until they are over, whether the password is right or not. From where an account was signed in to within 30 days its wrong passwords are counted apart, so nobody else can lock it.
         *
         *     Public.
         */
        post: operations["signIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get the next access token
         * @description Each refresh token is good once. The same one again within ten seconds gives the same successor (two tabs); later it ends the session.
         *
         *     Public.
         */
        post: operations["refreshSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Sign out
         * @description Who asks with something else than a session has none to end: 404.
         *
         *     Takes the role `contributor` or higher. API keys are not taken.
         */
        delete: operations["signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who am I
         * @description Takes the role `contributor` or higher. Any API key will do.
         */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * People, oldest first
         * @description Takes the role `admin` or higher. An API key needs the scope `users:read`.
         */
        get: operations["listUsers"];
        put?: never;
        /**
         * Add a person
         * @description Without a password the person cannot sign in with one.
         *
         *     Takes the role `admin` or higher. An API key needs the scope `users:write`.
         */
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One person
         * @description Takes the role `admin` or higher. An API key needs the scope `users:read`.
         */
        get: operations["getUser"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change a person
         * @description Takes effect at the next request. The last admin can be neither disabled nor demoted.
         *
         *     Takes the role `admin` or higher. An API key needs the scope `users:write`.
         */
        patch: operations["changeUser"];
        trace?: never;
    };
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The keys that sign access tokens (RFC 7517)
         * @description Public.
         */
        get: operations["getKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * API keys, newest first
         * @description Your own; everybody’s for admins. Also those that work no more. Keys themselves are never shown again.
         *
         *     Takes the role `contributor` or higher. API keys are not taken.
         */
        get: operations["listApiKeys"];
        put?: never;
        /**
         * Make an API key
         * @description For a program that acts in your name. `key` is in this answer and never shown again; send it as `Authorization: Bearer <key>`, never in an address. It may do what one of its scopes names and you may do yourself at that moment: it loses what your role loses, and rests while you are disabled. At most 100 that are neither revoked nor expired.
         *
         *     Takes the role `contributor` or higher. API keys are not taken.
         */
        post: operations["createApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One API key
         * @description Takes the role `contributor` or higher. API keys are not taken.
         */
        get: operations["getApiKey"];
        put?: never;
        post?: never;
        /**
         * Revoke an API key
         * @description It is refused from the next request on, on every instance. Repeating changes nothing. Admins: anybody’s.
         *
         *     Takes the role `contributor` or higher. API keys are not taken.
         */
        delete: operations["revokeApiKey"];
        options?: never;
        head?: never;
        /**
         * Rename an API key
         * @description Scopes and end stay as they are: make another key.
         *
         *     Takes the role `contributor` or higher. API keys are not taken.
         */
        patch: operations["renameApiKey"];
        trace?: never;
    };
    "/v1/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End a session
         * @description One of your own; admins, anybody’s. Its tokens are refused from the next request on, on every instance. What has ended, or is somebody else’s, is 404.
         *
         *     Takes the role `contributor` or higher. API keys are not taken.
         */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/all": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Sign out everywhere
         * @description Ends all your sessions, this one too. Tokens that an OpenID Connect issuer gave you until now are refused as well. API keys stay.
         *
         *     Takes the role `contributor` or higher. API keys are not taken.
         */
        delete: operations["endSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where a person is signed in, newest first
         * @description Takes the role `admin` or higher. API keys are not taken.
         */
        get: operations["listUserSessions"];
        put?: never;
        post?: never;
        /**
         * Sign a person out everywhere
         * @description Ends all their sessions. Tokens that an OpenID Connect issuer gave them until now are refused as well. API keys stay.
         *
         *     Takes the role `admin` or higher. API keys are not taken.
         */
        delete: operations["endUserSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change your password
         * @description Ends all your other sessions; this one goes on. A wrong current password is 403 `wrong_password`, and so is having none. Wrong ones are counted with those of signing in.
         *
         *     Takes the role `contributor` or higher. API keys are not taken.
         */
        post: operations["changePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}/password-links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Invite a person, or let them set a new password
         * @description Gives a token that sets the person’s password once, with POST /v1/password-links/use. Dateline sends no mail: hand the token over yourself. It is shown in this answer and never again. A new one ends those before it; so do a new password and disabling the person.
         *
         *     Takes the role `admin` or higher. API keys are not taken.
         */
        post: operations["createPasswordLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/password-links/use": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Set a password with a one-time token
         * @description The token is used up, and all sessions of its person end: sign in with the new password. A token that is unknown, used, expired, replaced or of somebody disabled is 404 alike. A password that is refused (400) leaves the token good. An address that tries ten tokens in vain within a minute gets 429.
         *
         *     Public.
         */
        post: operations["usePasswordLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tags by slug
         * @description Takes the role `contributor` or higher. An API key needs the scope `tags:read`.
         */
        get: operations["listTags"];
        put?: never;
        /**
         * Make a tag
         * @description Without a slug one is made from a name. Slugs and aliases share one namespace.
         *
         *     Takes the role `editor` or higher. An API key needs the scope `tags:write`.
         */
        post: operations["createTag"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tags/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One tag
         * @description Takes the role `contributor` or higher. An API key needs the scope `tags:read`.
         */
        get: operations["getTag"];
        put?: never;
        post?: never;
        /**
         * Delete a tag
         * @description Takes the role `editor` or higher. An API key needs the scope `tags:write`.
         */
        delete: operations["deleteTag"];
        options?: never;
        head?: never;
        /**
         * Change a tag
         * @description A JSON merge patch. New names reach live articles at once. A slug given up becomes an alias.
         *
         *     Takes the role `editor` or higher. An API key needs the scope `tags:write`.
         */
        patch: operations["changeTag"];
        trace?: never;
    };
    "/v1/tags/{id}/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Merge a tag into another
         * @description What had it has the other one then, working copies and live articles alike; its slugs become aliases, and it is gone. Answers with the tag that stays, repeated with the same one. Changes no version of an article.
         *
         *     Takes the role `editor` or higher. An API key needs the scope `tags:write`.
         */
        post: operations["mergeTag"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/authors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Authors by slug
         * @description Takes the role `contributor` or higher. An API key needs the scope `authors:read`.
         */
        get: operations["listAuthors"];
        put?: never;
        /**
         * Make an author
         * @description Without a slug one is made from the name.
         *
         *     Takes the role `editor` or higher. An API key needs the scope `authors:write`.
         */
        post: operations["createAuthor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/authors/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One author
         * @description Takes the role `contributor` or higher. An API key needs the scope `authors:read`.
         */
        get: operations["getAuthor"];
        put?: never;
        post?: never;
        /**
         * Delete an author
         * @description Takes the role `editor` or higher. An API key needs the scope `authors:write`.
         */
        delete: operations["deleteAuthor"];
        options?: never;
        head?: never;
        /**
         * Change an author
         * @description A JSON merge patch. A new name reaches live articles at once.
         *
         *     Takes the role `editor` or higher. An API key needs the scope `authors:write`.
         */
        patch: operations["changeAuthor"];
        trace?: never;
    };
    "/v1/articles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Working copies, last changed first
         * @description Contributors see their own only. Bodies are not in lists.
         *
         *     Takes the role `contributor` or higher. An API key needs the scope `articles:read`.
         */
        get: operations["listArticles"];
        put?: never;
        /**
         * Write an article
         * @description A draft nobody outside sees. The body may be Portable Text, Markdown or HTML; what cannot be kept safely is refused with a pointer to it.
         *
         *     Takes the role `contributor` or higher. An API key needs the scope `articles:write`.
         */
        post: operations["createArticle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/articles/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One working copy
         * @description Takes the role `contributor` or higher. An API key needs the scope `articles:read`.
         */
        get: operations["getArticle"];
        put?: never;
        post?: never;
        /**
         * Put an article in the trash, or purge it from there
         * @description Takes the role `contributor` or higher. An API key needs the scope `articles:write`.
         */
        delete: operations["trashArticle"];
        options?: never;
        head?: never;
        /**
         * Change a working copy
         * @description A JSON merge patch. Makes a new version and revision; readers see it when it is published.
         *
         *     Takes the role `contributor` or higher. An API key needs the scope `articles:write`.
         */
        patch: operations["changeArticle"];
        trace?: never;
    };
    "/v1/articles/{id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take an article out of the trash
         * @description It keeps its slug, or gets one beside it when that was taken meanwhile.
         *
         *     Takes the role `contributor` or higher. An API key needs the scope `articles:write`.
         */
        post: operations["restoreArticle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/articles/{id}/stage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How an article moved from stage to stage, newest first
         * @description Takes the role `contributor` or higher. An API key needs the scope `articles:read`.
         */
        get: operations["listStageMoves"];
        put?: never;
        /**
         * Hand an article in, return it, or call it ready
         * @description Contributors and authors hand in drafts of their own (`draft` to `in_review`); editors make any move. What a contributor has handed in is theirs to change again when it is returned to `draft`. A move changes no version. To the stage it is in already: 200, and nothing is written.
         *
         *     Takes the role `contributor` or higher. An API key needs the scope `articles:publish`.
         */
        post: operations["moveStage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/articles/{id}/translations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The other articles of the same story, by locale
         * @description Contributors see their own only. Bodies are not in lists, nor is what is in the trash.
         *
         *     Takes the role `contributor` or higher. An API key needs the scope `articles:read`.
         */
        get: operations["listTranslations"];
        put?: never;
        /**
         * Begin a translation
         * @description A new draft of the same story in another language. It begins as a copy of the article as it is now, with the members given in place of the article’s.
         *
         *     Takes the role `contributor` or higher. An API key needs the scope `articles:write`.
         */
        post: operations["translateArticle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/articles/{id}/revisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The versions of an article, newest first
         * @description Takes the role `contributor` or higher. An API key needs the scope `articles:read`.
         */
        get: operations["listRevisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/articles/{id}/revisions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An article as it was at one version
         * @description Takes the role `contributor` or higher. An API key needs the scope `articles:read`.
         */
        get: operations["getRevision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/articles/{id}/revisions/{version}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Write an article again as it was at one version
         * @description Makes a new version with the content of the old one; slug and stage stay. Tags merged since are those they were merged into; what was deleted since is left out and listed in `dropped`. Changes nothing when the working copy is like that already.
         *
         *     Takes the role `contributor` or higher. An API key needs the scope `articles:write`.
         */
        post: operations["restoreRevision"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/articles/{id}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What differs between two versions of an article
         * @description Blocks are matched by `_key`; those whose keys differ, by their content. Paragraphs that were written without keys (Markdown, HTML) and changed in place are matched when half of their words are the same. Of very many or very large changes the words are not told apart: they are one removed and one inserted stretch.
         *
         *     Takes the role `contributor` or higher. An API key needs the scope `articles:read`.
         */
        get: operations["diffArticle"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/articles/{id}/publications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The timeline of an article, latest first
         * @description Takes the role `contributor` or higher. An API key needs the scope `articles:read`.
         */
        get: operations["listPublications"];
        put?: never;
        /**
         * Put a revision on the timeline
         * @description Now, or at `liveFrom`. Publishing the version that is live, in the same window, answers 200 and changes nothing.
         *
         *     Takes the role `author` or higher. An API key needs the scope `articles:publish`.
         */
        post: operations["publishArticle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/articles/{id}/publications/{publicationId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Cancel what is scheduled
         * @description The publication it would have taken over from gets its end back. Answers with the publication that was cancelled.
         *
         *     Takes the role `author` or higher. An API key needs the scope `articles:publish`.
         */
        delete: operations["cancelPublication"];
        options?: never;
        head?: never;
        /**
         * Change what is scheduled, or the end of what is live
         * @description A JSON merge patch. Moved, it leaves its place as if it were cancelled, and takes the new one as if it were published anew. Needs no If-Match: a publication has no version of its own.
         *
         *     Takes the role `author` or higher. An API key needs the scope `articles:publish`.
         */
        patch: operations["changePublication"];
        trace?: never;
    };
    "/v1/articles/{id}/unpublish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take an article down
         * @description Now, or at `at`: what is live then ends there, what is scheduled from then on is cancelled. The body may be left out.
         *
         *     Takes the role `author` or higher. An API key needs the scope `articles:publish`.
         */
        post: operations["unpublishArticle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/articles/{id}/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take an article away for legal reasons
         * @description At once: what is live ends, what is scheduled goes, previews die, and readers get 410 wherever it was. Nothing is published until it is reinstated.
         *
         *     Takes the role `author` or higher. An API key needs the scope `articles:publish`.
         */
        post: operations["withdrawArticle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/articles/{id}/reinstate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lift a withdrawal
         * @description Nothing is live again by that: publish it. Answers with the last publication there was, 204 when none of it was ever live.
         *
         *     Takes the role `editor` or higher. An API key needs the scope `articles:publish`.
         */
        post: operations["reinstateArticle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/articles/bulk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Publish, take down, tag, untag or trash up to 100 articles
         * @description One after another, each checked as the single call is (also whether a key has the scope for it) and done or refused by itself. Answers 200 with what became of each, in their order: the status the single call would have answered, with the article, the publication or the problem.
         *
         *     Takes the role `contributor` or higher. An API key needs the scope `articles:write` or `articles:publish`.
         */
        post: operations["changeArticles"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/share-links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Share links by their filters
         * @description Newest first, unless `sort` says otherwise. Clicks that come in meanwhile move a link in an order by clicks.
         *
         *     Takes the role `author` or higher. An API key needs the scope `share-links:read`.
         */
        get: operations["listShareLinks"];
        put?: never;
        /**
         * Make a share link, or find it
         * @description There is one link for each article, channel and campaign: asking again answers 200 with the one that is there, or 409 `share_link_exists` when another value asked for differs from what it has. Every article that was ever put on the timeline has links without a campaign for the channels of its site, `copy` and `qr`, unless they were archived.
         *
         *     Takes the role `author` or higher. An API key needs the scope `share-links:write`.
         */
        post: operations["createShareLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/share-links/bulk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make or find up to 100 share links
         * @description One after another, each checked as the single call is and made, found or refused by itself. Answers 200 with what became of each, in their order: the status the single call would have answered, with the link or the problem.
         *
         *     Takes the role `author` or higher. An API key needs the scope `share-links:write`.
         */
        post: operations["createShareLinks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/articles/{id}/share-links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The share links of an article
         * @description Takes the role `author` or higher. An API key needs the scope `share-links:read`.
         */
        get: operations["listArticleShareLinks"];
        put?: never;
        /**
         * Make a share link of an article, or find it
         * @description Takes the role `author` or higher. An API key needs the scope `share-links:write`.
         */
        post: operations["createArticleShareLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/share-links/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One share link
         * @description Takes the role `author` or higher. An API key needs the scope `share-links:read`.
         */
        get: operations["getShareLink"];
        put?: never;
        post?: never;
        /**
         * Archive a share link
         * @description Who follows it gets 410; its counts stay.
         *
         *     Takes the role `author` or higher. An API key needs the scope `share-links:write`.
         */
        delete: operations["archiveShareLink"];
        options?: never;
        head?: never;
        /**
         * Change a share link
         * @description Takes the role `author` or higher. An API key needs the scope `share-links:write`.
         */
        patch: operations["changeShareLink"];
        trace?: never;
    };
    "/v1/share-links/{id}/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The clicks of a share link by period and origin
         * @description Counts are kept by the hour of UTC, and an hour counts for the day or week in which it begins. Counts that were rolled up (`counts rollup`, after 90 days) are kept by the day of UTC, at its beginning.
         *
         *     Takes the role `author` or higher. An API key needs the scope `share-links:read`.
         */
        get: operations["getShareLinkStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/articles/{id}/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The views of an article and the clicks of its links, by period and origin
         * @description Counts are kept by the hour of UTC, and an hour counts for the day or week in which it begins. Counts that were rolled up (`counts rollup`, after 90 days) are kept by the day of UTC, at its beginning.
         *
         *     Takes the role `author` or higher. An API key needs the scope `articles:read`.
         */
        get: operations["getArticleStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lists": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Curated lists by slug
         * @description Without their items, but with how many there are.
         *
         *     Takes the role `author` or higher. An API key needs the scope `lists:read`.
         */
        get: operations["listLists"];
        put?: never;
        /**
         * Make a curated list
         * @description It has no items yet. Without a slug one is made from a title.
         *
         *     Takes the role `editor` or higher. An API key needs the scope `lists:write`.
         */
        post: operations["createList"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lists/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One curated list
         * @description Takes the role `author` or higher. An API key needs the scope `lists:read`.
         */
        get: operations["getList"];
        put?: never;
        post?: never;
        /**
         * Delete a curated list
         * @description Takes the role `editor` or higher. An API key needs the scope `lists:write`.
         */
        delete: operations["deleteList"];
        options?: never;
        head?: never;
        /**
         * Change a curated list
         * @description A JSON merge patch. Items are set with PUT. Readers see changes at once.
         *
         *     Takes the role `editor` or higher. An API key needs the scope `lists:write`.
         */
        patch: operations["changeList"];
        trace?: never;
    };
    "/v1/lists/{id}/items": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set the items of a curated list
         * @description All of them, in their order. Each is the story of an article outside the trash, once; readers get those that are live in their language. A `pinnedUntil` that is past is only taken where it is already so. The same items again: 200, and no new version.
         *
         *     Takes the role `editor` or higher. An API key needs the scope `lists:write`.
         */
        put: operations["setListItems"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/articles/{id}/previews": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The preview links of an article, newest first
         * @description Also those that work no more; tokens are never shown again. Authors: of their own articles.
         *
         *     Takes the role `author` or higher. An API key needs the scope `previews:read`.
         */
        get: operations["listPreviews"];
        put?: never;
        /**
         * Make a preview link
         * @description Whoever has the token may read the article, without signing in, until the link expires, is used up or is ended. `token` and `url` are in this answer and never shown again. The link works as long as its maker could make it: it dies when they are disabled, or lose the role or the article. Authors: of their own articles.
         *
         *     Takes the role `author` or higher. An API key needs the scope `previews:write`.
         */
        post: operations["createPreview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/previews/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End a preview link
         * @description At once, on every instance. Repeating changes nothing. Authors: those they made, and those of their own articles.
         *
         *     Takes the role `author` or higher. An API key needs the scope `previews:write`.
         */
        delete: operations["revokePreview"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/content/previews/{link}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an article through a preview link
         * @description What the article would be if it were live, in its own locale. Each GET is a use, HEAD is none. A link that does not work is 404, whatever the reason. Nobody may keep, index or refer to the answer.
         *
         *     Public.
         */
        get: operations["readPreview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/redirects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Redirects by path
         * @description Takes the role `author` or higher. An API key needs the scope `redirects:read`.
         */
        get: operations["listRedirects"];
        put?: never;
        /**
         * Let an old path lead to a story, or to another path
         * @description A path is kept in one way of writing, and found in any: `/caf%c3%a9/` and `/café` are one. Asked for with a query that has no redirect of its own, the path without it counts.
         *
         *     Takes the role `editor` or higher. An API key needs the scope `redirects:write`.
         */
        post: operations["createRedirect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/redirects/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One redirect
         * @description Takes the role `author` or higher. An API key needs the scope `redirects:read`.
         */
        get: operations["getRedirect"];
        put?: never;
        post?: never;
        /**
         * Delete a redirect
         * @description Takes the role `editor` or higher. An API key needs the scope `redirects:write`.
         */
        delete: operations["deleteRedirect"];
        options?: never;
        head?: never;
        /**
         * Change a redirect
         * @description Takes the role `editor` or higher. An API key needs the scope `redirects:write`.
         */
        patch: operations["changeRedirect"];
        trace?: never;
    };
    "/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Webhooks, newest first
         * @description Takes the role `admin` or higher. An API key needs the scope `webhooks:read`.
         */
        get: operations["listWebhooks"];
        put?: never;
        /**
         * Let events be sent to an address
         * @description What it is sent is told under `webhooks` in this document. The secret is in this answer and never shown again.
         *
         *     Takes the role `admin` or higher. An API key needs the scope `webhooks:write`.
         */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One webhook
         * @description Takes the role `admin` or higher. An API key needs the scope `webhooks:read`.
         */
        get: operations["getWebhook"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook
         * @description With all that is still to be sent to it, and the log of what was.
         *
         *     Takes the role `admin` or higher. An API key needs the scope `webhooks:write`.
         */
        delete: operations["deleteWebhook"];
        options?: never;
        head?: never;
        /**
         * Change a webhook
         * @description Takes the role `admin` or higher. An API key needs the scope `webhooks:write`.
         */
        patch: operations["changeWebhook"];
        trace?: never;
    };
    "/v1/webhooks/{id}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a webhook a new secret
         * @description The secret is in this answer and never shown again. For 24 hours events carry two signatures, of the new secret and of the one it replaces; a secret replaced before that signs no more at once.
         *
         *     Takes the role `admin` or higher. An API key needs the scope `webhooks:write`.
         */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a webhook was sent and is to be sent, newest first
         * @description Of the last 30 days.
         *
         *     Takes the role `admin` or higher. An API key needs the scope `webhooks:read`.
         */
        get: operations["listWebhookDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a webhook an event to try it with
         * @description The event `webhook.test`, whichever events it is sent otherwise, in the way of all others. What came of it is found among its deliveries.
         *
         *     Takes the role `admin` or higher. An API key needs the scope `webhooks:write`.
         */
        post: operations["testWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/deliveries/{deliveryId}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send an event again
         * @description Under the same `webhook-id`, also when it was delivered. Ten tries begin anew.
         *
         *     Takes the role `admin` or higher. An API key needs the scope `webhooks:write`.
         */
        post: operations["replayWebhookDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send the events of a span of time again
         * @description All those it is sent as it is set now, each under its `webhook-id`: delivered ones too, and those that happened while it was disabled or not there yet. At most 10,000 at once, of the last 30 days.
         *
         *     Takes the role `admin` or higher. An API key needs the scope `webhooks:write`.
         */
        post: operations["replayWebhookDeliveries"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/site/{locale}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The settings of a locale
         * @description A locale that was never set up reads as version 0.
         *
         *     Takes the role `contributor` or higher. An API key needs the scope `site:read`.
         */
        get: operations["getSite"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change the settings of a locale
         * @description A JSON merge patch. The first one sets the locale up. Only admins may change `articleUrl`, also by making a site with another one the default.
         *
         *     Takes the role `editor` or higher. An API key needs the scope `site:write`.
         */
        patch: operations["changeSite"];
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who did what, newest first
         * @description Every change and every sign-in, also refused ones, once. Entries are never changed or deleted. Within seconds each gets a place in a chain of hashes, which anybody can reckon anew from this answer.
         *
         *     Takes the role `admin` or higher. An API key needs the scope `audit:read`.
         */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/content/articles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Live articles, newest first
         * @description Of one locale; lists never fall back to another. `fields` says which members the items have; `include` adds to them.
         *
         *     Public. With `at`, takes the role `editor` or higher. An API key needs the scope `content:preview`.
         */
        get: operations["listLiveArticles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/content/articles/{slug}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One live article
         * @description A former slug leads to the present one. Not there in the locale: the site’s fallbacks are tried, and `locale` says which it is. Withdrawn: 410.
         *
         *     Public. With `at`, takes the role `editor` or higher. An API key needs the scope `content:preview`.
         */
        get: operations["getLiveArticle"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/content/trending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is read most
         * @description Live articles of one locale by how often they were read, newer views counting more. Counted at most once a minute: `computedAt` says when. Empty when nothing was read. No editor has a hand in it: for that there are lists. With `at`, other articles are live; views are today’s.
         *
         *     Public. With `at`, takes the role `editor` or higher. An API key needs the scope `content:preview`.
         */
        get: operations["listTrending"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/content/articles/{slug}/share": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The share bar of a live article
         * @description Words in the language of the article (where nobody has any, those of the first fallback that has; a site in such a language gives `sharePrompt`, `copyLink`, `linkCopied` and `email` together), and for each network of its site that network’s page for sharing with a short link of the article filled in. Found as the article is: by slug, former slug, and along the fallbacks. Links that lead nowhere right now (archived, not yet valid, expired, used up) are left out.
         *
         *     Public. With `at`, takes the role `editor` or higher. An API key needs the scope `content:preview`.
         */
        get: operations["getShareBar"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/s/{code}/qr.svg": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The QR code of a short link, as SVG
         * @description Of the short address with the code the link has now; also of one that has expired or is used up. Unknown, not yet valid, or its article not live: 404. Archived, or its article withdrawn: 410. Asking for codes that are not there is limited as it is in following them.
         *
         *     Public.
         */
        get: operations["getQrSvg"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/s/{code}/qr.png": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The QR code of a short link, as PNG
         * @description Of the short address with the code the link has now; also of one that has expired or is used up. Unknown, not yet valid, or its article not live: 404. Archived, or its article withdrawn: 410. Asking for codes that are not there is limited as it is in following them.
         *
         *     Public.
         */
        get: operations["getQrPng"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/content/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tags of live articles, by slug
         * @description Public. With `at`, takes the role `editor` or higher. An API key needs the scope `content:preview`.
         */
        get: operations["listLiveTags"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/content/tags/{slug}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One tag of live articles
         * @description An alias leads to the tag’s own slug.
         *
         *     Public. With `at`, takes the role `editor` or higher. An API key needs the scope `content:preview`.
         */
        get: operations["getLiveTag"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/content/authors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Authors of live articles, by slug
         * @description Public. With `at`, takes the role `editor` or higher. An API key needs the scope `content:preview`.
         */
        get: operations["listLiveAuthors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/content/authors/{slug}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One author of live articles
         * @description The biography falls back along the site’s chain; `locale` says which language it is in.
         *
         *     Public. With `at`, takes the role `editor` or higher. An API key needs the scope `content:preview`.
         */
        get: operations["getLiveAuthor"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/content/lists/{slug}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A curated list in one locale
         * @description Live articles in their order, then the newest of its tail up to its size. Nothing falls back to another language.
         *
         *     Public. With `at`, takes the role `editor` or higher. An API key needs the scope `content:preview`.
         */
        get: operations["getLiveList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/content/site": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Names, navigation, links, terms and reader strings of one locale
         * @description A locale that has no site gets the default one; `locale` says which it is.
         *
         *     Public. With `at`, takes the role `editor` or higher. An API key needs the scope `content:preview`.
         */
        get: operations["getPublicSite"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/content/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What an old or outside path is now
         * @description A redirect of this path counts first; then an article whose address on a front end it is, then one with the last part of the path as its present or former slug, then a tag with it as its slug or alias. `gone`: the article was withdrawn.
         *
         *     Public. With `at`, takes the role `editor` or higher. An API key needs the scope `content:preview`.
         */
        get: operations["resolvePath"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/feeds/rss.xml": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The 50 newest articles as RSS 2.0
         * @description Of one locale, with standfirsts and without bodies. Ids stay the same whatever becomes of an address. An alias of a tag leads to its own slug; a tag that no live article of the locale has is not found.
         *
         *     Public.
         */
        get: operations["getRssFeed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/feeds/atom.xml": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The 50 newest articles as Atom
         * @description Of one locale, with standfirsts and without bodies. Ids stay the same whatever becomes of an address. An alias of a tag leads to its own slug; a tag that no live article of the locale has is not found.
         *
         *     Public.
         */
        get: operations["getAtomFeed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/feeds/feed.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The 50 newest articles as JSON Feed 1.1
         * @description Of one locale, with standfirsts and without bodies. Ids stay the same whatever becomes of an address. An alias of a tag leads to its own slug; a tag that no live article of the locale has is not found.
         *
         *     Public.
         */
        get: operations["getJsonFeed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sitemap.xml": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The index of all sitemaps
         * @description A page for each locale and month of first publication, and more where a month has more than 5,000 live articles.
         *
         *     Public.
         */
        get: operations["getSitemapIndex"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sitemaps/{page}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One page of the sitemap
         * @description At most 5,000 articles with the addresses of their translations. What names a canonical address elsewhere is left out.
         *
         *     Public.
         */
        get: operations["getSitemap"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/news-sitemap.xml": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The sitemap for Google News
         * @description What was first published in the last 48 hours, in all locales; at most 1,000 articles.
         *
         *     Public.
         */
        get: operations["getNewsSitemap"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oembed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An article as a card for other sites
         * @description By its address on the front end; a former address counts too. What is not live is not found.
         *
         *     Public.
         */
        get: operations["getOEmbed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/content/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Live articles with these words, best first
         * @description Of one locale, by the word stems of its language where Postgres knows it; accents and case do not count. A word counts most in the headline, then in the standfirst, then in kicker, dateline, source and the names of tags and authors, then in the body; newer articles count more. The newest 2,000 that match are ranked; a phrase is looked for in the newest 10,000 that have its words. When nothing matches, words that are nearly the same are tried. Only negations or stop words find nothing.
         *
         *     Public. With `at`, takes the role `editor` or higher. An API key needs the scope `content:preview`.
         */
        get: operations["searchLiveArticles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/content/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every change of what is live
         * @description In one order for everybody, in which nothing is ever put in later: whoever applies all of it in turn has exactly what is live. Begins with the last word on everything live that is older, so a client may begin with nothing. Kept for 30 days; an older cursor is 410 `cursor_expired`, and the client begins again.
         *
         *     Public.
         */
        get: operations["listChanges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/content/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The changes as server-sent events
         * @description In one order for everybody, in which nothing is ever put in later: whoever applies all of it in turn has exactly what is live. Begins with the last word on everything live that is older, so a client may begin with nothing. Kept for 30 days; an older cursor is 410 `cursor_expired`, and the client begins again. Resumes after `Last-Event-ID`, which counts more than `cursor`. A client that does not read for 30 seconds is let go.
         *
         *     Public.
         */
        get: operations["streamChanges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/content/views": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How often articles were read
         * @description Apart from the articles, so that those can be kept long: this may be 10 seconds old. An article that is not there, was never live or was never read has 0.
         *
         *     Public.
         */
        get: operations["listViews"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/s/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a short link
         * @description Leads to the article’s present address, with the link’s UTM parameters and what else the query holds (all of it, or nothing where the address would be longer than 2,000 characters). The click is counted before the answer is sent. HEAD and browsers that look ahead (`Sec-Purpose: prefetch`) are answered alike and not counted.
         *
         *     Robots that preview links, and crawlers, get a small page with Open Graph tags instead; programs such as curl are redirected. All of them are counted apart from people and never use up `maxClicks`.
         *
         *     Unknown, not valid yet, or its article not live: 404. Archived, or its article withdrawn: 410. Expired or used up: a redirect to `expiredUrl`, else 410. An address that asked for 30 codes that are not there within a minute gets 429 instead of 404 and 410 until the minute is over; links that work are never limited.
         *
         *     Public.
         */
        get: operations["followShareLink"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/content/articles/{id}/views": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The view beacon: a reader has the article before them
         * @description For `navigator.sendBeacon`: a body of any media type is taken, 64 KiB at most, and ignored. 204 says that the view is stored, or was one that does not count: of an article that is not live or not there, by a robot, a browser that only looks ahead (`Sec-Purpose`), one that asks not to be tracked (`DNT: 1`, `Sec-GPC: 1`), or by somebody who was counted here within the last 30 minutes of the same day (UTC). Who somebody is, is a hash of address and browser under a key that is forgotten with the day; neither of them is stored. 503: it may have been counted or not. Do not send it again.
         *
         *     Public.
         */
        post: operations["countView"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    event: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * An event, sent to a webhook
         * @description Sent within two seconds or so of what it tells of, as [Standard Webhooks](https://www.standardwebhooks.com)
         *     has it: verify `webhook-signature` with the secret of the webhook over `<webhook-id>.<webhook-timestamp>.<body>`,
         *     and refuse timestamps that are minutes off. While a secret is being replaced there are two signatures, separated by a space.
         *
         *     Answer 2xx within 15 seconds. Anything else, redirects too, is tried again: ten times within about 75 hours, later if
         *     `retry-after` asks for it. 410 disables the webhook at once, ten tries in vain do too. The same event may come twice, under the same
         *     `webhook-id`, and events may come in another order than that of their `position`.
         */
        post: operations["receiveEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        /** @description One fault in the request. */
        Fault: {
            /**
             * @description JSON pointer (RFC 6901) into the body, or `/query/…`, `/path/…`, `/header/…`.
             * @example /headline
             */
            pointer: string;
            /**
             * @description The rule that was broken.
             * @example required
             */
            code: string;
            /** @example is missing */
            message: string;
        };
        /**
         * @description Every refusal looks like this (RFC 9457).
         * @example {
         *       "type": "/problems/stale_version",
         *       "title": "The thing has changed since you read it",
         *       "status": 412,
         *       "detail": "The current version is 8.",
         *       "code": "stale_version",
         *       "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "currentVersion": 8
         *     }
         */
        Problem: {
            /**
             * Format: uri-reference
             * @description A page that explains the code.
             */
            type: string;
            title: string;
            /** Format: int32 */
            status: number;
            detail: string;
            /**
             * @description What went wrong, for programs. More codes may come; what a client does not know, its status tells.
             * @enum {unknown}
             */
            code: "invalid_request" | "malformed_request" | "incomplete_body" | "malformed_json" | "unexpected_body" | "invalid_cursor" | "unauthenticated" | "invalid_credentials" | "not_admitted" | "invalid_refresh_token" | "forbidden" | "insufficient_scope" | "session_required" | "wrong_password" | "not_found" | "method_not_allowed" | "request_timeout" | "slug_taken" | "code_taken" | "email_taken" | "idempotency_key_in_use" | "user_taken" | "share_link_exists" | "link_archived" | "translation_exists" | "article_trashed" | "article_not_trashed" | "article_on_timeline" | "article_withdrawn" | "article_not_withdrawn" | "publication_begun" | "not_on_timeline" | "slug_promised" | "timeline_conflict" | "tag_in_use" | "author_in_use" | "tag_cycle" | "unknown_reference" | "too_many_api_keys" | "too_many_webhooks" | "webhook_disabled" | "path_taken" | "user_disabled" | "last_admin" | "default_site" | "gone" | "cursor_expired" | "stale_version" | "body_too_large" | "uri_too_long" | "unsupported_media_type" | "idempotency_key_reused" | "precondition_required" | "too_many_requests" | "headers_too_large" | "internal_error" | "unavailable" | "overloaded" | "too_many_streams";
            errors?: components["schemas"]["Fault"][];
            requestId: string;
            /**
             * Format: int64
             * @description With `stale_version`: what to read again.
             */
            currentVersion?: number;
            /** @description With `share_link_exists`: the link that is there. */
            existingId?: string;
        };
        /** @description Where this page stands in the whole list. */
        Page: {
            /** Format: int32 */
            limit: number;
            /** @description Whether there is more in the direction you are going. */
            hasMore: boolean;
            next: string | null;
            prev: string | null;
            /**
             * Format: int64
             * @description How many there are in all; only with `count=exact`.
             */
            count?: number;
        };
        /**
         * @description A picture, kept elsewhere.
         * @example {
         *       "url": "https://images.example/ferry.jpg",
         *       "alt": "A ferry leaving the harbour",
         *       "caption": null,
         *       "credit": "Rana Holt",
         *       "width": 1600,
         *       "height": 900
         *     }
         */
        Picture: {
            /** Format: uri */
            url: string;
            /** @description What the picture shows, for those who cannot see it. */
            alt: string;
            caption: string | null;
            credit: string | null;
            width: number | null;
            height: number | null;
        };
        /**
         * @example {
         *       "url": "https://images.example/ferry.jpg",
         *       "alt": "A ferry leaving the harbour"
         *     }
         */
        PictureInput: {
            /** Format: uri */
            url: string;
            /** @description What the picture shows, for those who cannot see it. */
            alt: string;
            caption?: string | null;
            credit?: string | null;
            width?: number | null;
            height?: number | null;
        };
        /**
         * @example {
         *       "alt": "A ferry leaving the harbour at dusk"
         *     }
         */
        PicturePatch: {
            /** Format: uri */
            url?: string;
            /** @description What the picture shows, for those who cannot see it. */
            alt?: string;
            caption?: string | null;
            credit?: string | null;
            width?: number | null;
            height?: number | null;
        };
        /**
         * @example {
         *       "email": "maya@example.org",
         *       "password": "seven small boats at dusk"
         *     }
         */
        Credentials: {
            /** Format: email */
            email: string;
            password: string;
        };
        /**
         * @example {
         *       "refreshToken": "dlr_Yk1vT0pM2s9QJ0nXcV7bE4rT6yU8iO1pA3sD5fG7hJ9"
         *     }
         */
        RefreshRequest: {
            refreshToken: string;
        };
        /**
         * @description A person of the newsroom.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "email": "maya@example.org",
         *       "name": "Maya Lindqvist",
         *       "role": "editor",
         *       "disabled": false,
         *       "createdAt": "2026-11-20T08:15:00.000Z",
         *       "updatedAt": "2026-11-20T08:15:00.000Z"
         *     }
         */
        User: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /** Format: email */
            email: string;
            name: string;
            /**
             * @description Each role may what those before it may.
             * @enum {unknown}
             */
            role: "contributor" | "author" | "editor" | "admin";
            disabled: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        /**
         * @description Who you are here.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "email": "maya@example.org",
         *       "name": "Maya Lindqvist",
         *       "role": "editor",
         *       "authorId": null,
         *       "sessionId": "019a1d2f-7b11-7d40-8a3e-2f6f4f8b9c21",
         *       "apiKeyId": null,
         *       "scopes": null
         *     }
         */
        Me: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /** Format: email */
            email: string;
            name: string;
            /**
             * @description Each role may what those before it may.
             * @enum {unknown}
             */
            role: "contributor" | "author" | "editor" | "admin";
            authorId: string | null;
            /** @description Null for an API key, and for a token of another issuer. */
            sessionId: string | null;
            /** @description The API key this was asked with. */
            apiKeyId: string | null;
            /** @description Of the API key; null: all that the role may. */
            scopes: string[] | null;
        };
        /**
         * @description What signing in gives.
         * @example {
         *       "accessToken": "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTlhIn0.c2lnbmF0dXJl",
         *       "refreshToken": "dlr_Yk1vT0pM2s9QJ0nXcV7bE4rT6yU8iO1pA3sD5fG7hJ9",
         *       "expiresIn": 600,
         *       "user": {
         *         "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *         "email": "maya@example.org",
         *         "name": "Maya Lindqvist",
         *         "role": "editor",
         *         "authorId": null,
         *         "sessionId": "019a1d2f-7b11-7d40-8a3e-2f6f4f8b9c21",
         *         "apiKeyId": null,
         *         "scopes": null
         *       }
         *     }
         */
        Session: {
            /** @description Send it as `Authorization: Bearer <accessToken>`. */
            accessToken: string;
            /** @description Good once, for POST /v1/sessions/refresh. Keep it secret. */
            refreshToken: string;
            /**
             * Format: int32
             * @description Seconds until the access token expires.
             */
            expiresIn: number;
            user: components["schemas"]["Me"];
        };
        /**
         * @example {
         *       "email": "maya@example.org",
         *       "name": "Maya Lindqvist",
         *       "role": "editor",
         *       "password": "seven small boats at dusk"
         *     }
         */
        NewUser: {
            /** Format: email */
            email: string;
            name: string;
            /**
             * @description Each role may what those before it may.
             * @enum {unknown}
             */
            role: "contributor" | "author" | "editor" | "admin";
            /** @description 15 to 128 characters of any kind; not a common one, and without names known here. */
            password?: string;
        };
        /**
         * @example {
         *       "role": "author"
         *     }
         */
        UserPatch: {
            name?: string;
            /**
             * @description Each role may what those before it may.
             * @enum {unknown}
             */
            role?: "contributor" | "author" | "editor" | "admin";
            disabled?: boolean;
            /** @description 15 to 128 characters of any kind; not a common one, and without names known here. */
            password?: string;
        };
        /**
         * @description `<resource>:<action>`. `write` includes `read` of the same resource, and nothing else. `articles:publish`: what is live (publications, taking down, withdrawing, reinstating) and stages. `content:preview`: the content side with `at`.
         * @enum {unknown}
         */
        Scope: "articles:read" | "articles:write" | "articles:publish" | "tags:read" | "tags:write" | "authors:read" | "authors:write" | "share-links:read" | "share-links:write" | "previews:read" | "previews:write" | "lists:read" | "lists:write" | "site:read" | "site:write" | "redirects:read" | "redirects:write" | "users:read" | "users:write" | "webhooks:read" | "webhooks:write" | "audit:read" | "content:preview";
        /**
         * @description What a program comes with, in the name of a person. The key itself is shown once, when it is made.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a70",
         *       "userId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a01",
         *       "name": "Importer",
         *       "scopes": [
         *         "articles:write",
         *         "tags:read"
         *       ],
         *       "works": true,
         *       "createdAt": "2026-11-20T08:15:00.000Z",
         *       "expiresAt": "2027-11-20T08:15:00.000Z",
         *       "revokedAt": null,
         *       "lastUsedAt": null,
         *       "lastUsedFrom": null
         *     }
         */
        ApiKey: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /**
             * Format: uuid
             * @description Its owner: a key may what they may, and no more.
             */
            userId: string;
            /** @description What it is for; told to nobody but its owner and admins. */
            name: string;
            scopes: string[];
            /** @description Whether it is taken now: neither revoked nor expired, its owner not disabled. */
            works: boolean;
            /** Format: date-time */
            createdAt: string;
            /** @description Null = never. */
            expiresAt: string | null;
            revokedAt: string | null;
            /** @description To the minute; null = never yet. */
            lastUsedAt: string | null;
            /** @description The network it was last used from: /24 of IPv4, /48 of IPv6. */
            lastUsedFrom: string | null;
        };
        /**
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a70",
         *       "userId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a01",
         *       "name": "Importer",
         *       "scopes": [
         *         "articles:write",
         *         "tags:read"
         *       ],
         *       "works": true,
         *       "createdAt": "2026-11-20T08:15:00.000Z",
         *       "expiresAt": "2027-11-20T08:15:00.000Z",
         *       "revokedAt": null,
         *       "lastUsedAt": null,
         *       "lastUsedFrom": null,
         *       "key": "dl_031QCZADMbLeHIsrOmeIk4_0Cd3YKpnNTSsWc08aNeQT6pB0AcZ0a7l63BlO08"
         *     }
         */
        MadeApiKey: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /**
             * Format: uuid
             * @description Its owner: a key may what they may, and no more.
             */
            userId: string;
            /** @description What it is for; told to nobody but its owner and admins. */
            name: string;
            scopes: string[];
            /** @description Whether it is taken now: neither revoked nor expired, its owner not disabled. */
            works: boolean;
            /** Format: date-time */
            createdAt: string;
            /** @description Null = never. */
            expiresAt: string | null;
            revokedAt: string | null;
            /** @description To the minute; null = never yet. */
            lastUsedAt: string | null;
            /** @description The network it was last used from: /24 of IPv4, /48 of IPv6. */
            lastUsedFrom: string | null;
            /** @description The secret. It is kept as a hash and never shown again. */
            key: string;
        };
        /**
         * @example {
         *       "name": "Importer",
         *       "scopes": [
         *         "articles:write",
         *         "tags:read"
         *       ],
         *       "expiresAt": "2027-11-20T08:15:00Z"
         *     }
         */
        NewApiKey: {
            /** @description What it is for; told to nobody but its owner and admins. */
            name: string;
            /** @description Only such as your role can use. */
            scopes: components["schemas"]["Scope"][];
            /** @description Left out or null: never. */
            expiresAt?: string | null;
        };
        /**
         * @example {
         *       "name": "Old importer"
         *     }
         */
        ApiKeyPatch: {
            /** @description What it is for; told to nobody but its owner and admins. */
            name: string;
        };
        /**
         * @description Where somebody is signed in.
         * @example {
         *       "id": "019a1d2f-7b11-7d40-8a3e-2f6f4f8b9c21",
         *       "createdAt": "2026-11-20T08:15:00.000Z",
         *       "lastUsedAt": "2026-11-20T09:05:00.000Z",
         *       "expiresAt": "2026-12-20T09:05:00.000Z",
         *       "current": true,
         *       "device": "Firefox on Linux",
         *       "network": "203.0.113.0/24"
         *     }
         */
        OpenSession: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description When its tokens were last made: at sign-in, or by a refresh.
             */
            lastUsedAt: string;
            /**
             * Format: date-time
             * @description When it ends, if it is not refreshed before.
             */
            expiresAt: string;
            /** @description Whether this is the session you ask with. */
            current: boolean;
            /** @description What it was opened on, as far as is known. */
            device: string | null;
            /** @description The network it was opened from; never a whole address. */
            network: string | null;
        };
        /**
         * @example {
         *       "currentPassword": "seven small boats at dusk",
         *       "newPassword": "nine slow herons over the weir"
         *     }
         */
        PasswordChange: {
            currentPassword: string;
            /** @description 15 to 128 characters of any kind; not a common one, and without names known here. */
            newPassword: string;
        };
        /**
         * @example {
         *       "expiresInHours": 48
         *     }
         */
        NewPasswordLink: {
            /**
             * Format: int32
             * @description 72, if absent, for somebody without a password; 24 for others.
             */
            expiresInHours?: number;
        };
        /**
         * @description What sets a password once.
         * @example {
         *       "id": "019a1d2f-7b11-7d40-8a3e-2f6f4f8b9c70",
         *       "purpose": "invitation",
         *       "token": "dlo_Yk1vT0pM2s9QJ0nXcV7bE4rT6yU8iO1pA3sD5fG7hJ9",
         *       "expiresAt": "2026-11-23T08:15:00.000Z"
         *     }
         */
        MadePasswordLink: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /**
             * @description `invitation` for somebody who has no password yet.
             * @enum {unknown}
             */
            purpose: "invitation" | "reset";
            /** @description The secret. It is kept as a hash and never shown again. */
            token: string;
            /** Format: date-time */
            expiresAt: string;
        };
        /**
         * @example {
         *       "token": "dlo_Yk1vT0pM2s9QJ0nXcV7bE4rT6yU8iO1pA3sD5fG7hJ9",
         *       "password": "seven small boats at dusk"
         *     }
         */
        PasswordLinkUse: {
            token: string;
            /** @description 15 to 128 characters of any kind; not a common one, and without names known here. */
            password: string;
        };
        /** @description A stretch of text with the same marks. */
        Span: {
            /** @constant */
            _type: "span";
            /** @description Unique in its array. */
            _key: string;
            /** @description Plain text. A line feed is a line break. No control characters other than tab and line feed. */
            text: string;
            /** @description `strong`, `em`, `code`, `strike-through`, or the `_key` of a link in `markDefs` (one at most). */
            marks: string[];
        };
        /** @description A link that spans point at with its `_key`. */
        LinkMark: {
            /** @constant */
            _type: "link";
            /** @description Unique in its array. */
            _key: string;
            /** @description An absolute http, https or mailto URL without user name, password, blanks, quotes or <>. */
            href: string;
        };
        /** @description A paragraph, heading, quoted paragraph or list item. */
        TextBlock: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            _type: "block";
            /** @description Unique in its array. */
            _key: string;
            /**
             * @description What kind of paragraph.
             * @enum {unknown}
             */
            style: "normal" | "h2" | "h3" | "h4" | "blockquote";
            /**
             * @description The kind of list the block is an item of.
             * @enum {unknown}
             */
            listItem?: "bullet" | "number";
            /**
             * Format: int32
             * @description How deep in lists; 1 is outermost.
             */
            level?: number;
            children: components["schemas"]["Span"][];
            markDefs: components["schemas"]["LinkMark"][];
        };
        /** @description An image standing between paragraphs. */
        ImageBlock: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            _type: "image";
            /** @description Unique in its array. */
            _key: string;
            /** @description An absolute http or https URL without user name, password, blanks, quotes or <>. */
            url: string;
            /** @description What the image shows, for those who cannot see it; empty when it is decoration. */
            alt: string;
            caption: string | null;
            credit: string | null;
            width: number | null;
            height: number | null;
        };
        /** @description Something from elsewhere, by its address. Rendered as a link, never as a frame. */
        EmbedBlock: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            _type: "embed";
            /** @description Unique in its array. */
            _key: string;
            /** @description An absolute http or https URL without user name, password, blanks, quotes or <>. */
            url: string;
        };
        /** @description A break between two parts of the text. */
        DividerBlock: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            _type: "divider";
            /** @description Unique in its array. */
            _key: string;
        };
        /** @description One block of a body, told apart by `_type`. */
        Block: components["schemas"]["TextBlock"] | components["schemas"]["ImageBlock"] | components["schemas"]["EmbedBlock"] | components["schemas"]["DividerBlock"];
        /** @description The body of an article, as closed Portable Text. */
        ArticleBody: {
            blocks: components["schemas"]["Block"][];
        };
        /** @description A stretch of text with the same marks (none when left out). */
        SpanInput: {
            /** @constant */
            _type: "span";
            /** @description Unique in its array. Left out, one is made. */
            _key?: string;
            /** @description Plain text. A line feed is a line break. No control characters other than tab and line feed. */
            text: string;
            /** @description `strong`, `em`, `code`, `strike-through`, or the `_key` of a link in `markDefs` (one at most). */
            marks?: string[];
        };
        /** @description A link that spans point at with its `_key`. */
        LinkMarkInput: {
            /** @constant */
            _type: "link";
            /** @description Unique in its array. Left out, one is made. */
            _key?: string;
            /** @description An absolute http, https or mailto URL without user name, password, blanks, quotes or <>. */
            href: string;
        };
        /** @description A paragraph, heading, quoted paragraph or list item; `style` is `normal` when left out. */
        TextBlockInput: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            _type: "block";
            /** @description Unique in its array. Left out, one is made. */
            _key?: string;
            /**
             * @description What kind of paragraph.
             * @enum {unknown}
             */
            style?: "normal" | "h2" | "h3" | "h4" | "blockquote";
            /**
             * @description The kind of list the block is an item of.
             * @enum {unknown}
             */
            listItem?: "bullet" | "number";
            /**
             * Format: int32
             * @description How deep in lists; 1 when left out. Only with `listItem`.
             */
            level?: number;
            children: components["schemas"]["SpanInput"][];
            markDefs?: components["schemas"]["LinkMarkInput"][];
        };
        /** @description An image standing between paragraphs. An empty caption or credit is kept as null. */
        ImageBlockInput: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            _type: "image";
            /** @description Unique in its array. Left out, one is made. */
            _key?: string;
            /** @description An absolute http or https URL without user name, password, blanks, quotes or <>. */
            url: string;
            /** @description What the image shows, for those who cannot see it; empty when it is decoration. */
            alt: string;
            caption?: string | null;
            credit?: string | null;
            width?: number | null;
            height?: number | null;
        };
        /** @description Something from elsewhere, by its address. */
        EmbedBlockInput: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            _type: "embed";
            /** @description Unique in its array. Left out, one is made. */
            _key?: string;
            /** @description An absolute http or https URL without user name, password, blanks, quotes or <>. */
            url: string;
        };
        /** @description A break between two parts of the text. */
        DividerBlockInput: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            _type: "divider";
            /** @description Unique in its array. Left out, one is made. */
            _key?: string;
        };
        /** @description One block of a body, told apart by `_type`. Keys that are given are kept. */
        BlockInput: components["schemas"]["TextBlockInput"] | components["schemas"]["ImageBlockInput"] | components["schemas"]["EmbedBlockInput"] | components["schemas"]["DividerBlockInput"];
        /** @description Exactly one of `blocks`, `markdown` and `html`. What cannot be kept is refused, never dropped. */
        ArticleBodyInput: {
            /** @description Closed Portable Text. */
            blocks?: components["schemas"]["BlockInput"][];
            /** @description CommonMark with strikethrough. An image alone in its paragraph becomes an image (its title the caption), a web address alone in its paragraph, written `<https://…>`, an embed. */
            markdown?: string;
            /** @description A fragment of HTML: p, h2-h4, blockquote, ul, ol, li, strong, em, code, s, a, br, hr, img, figure. HTML that Dateline gave reads back unchanged. */
            html?: string;
        };
        /**
         * @description Who signs.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "slug": "maya-lindqvist",
         *       "name": "Maya Lindqvist",
         *       "bios": {
         *         "en": "Maya Lindqvist writes about ports and the people in them."
         *       },
         *       "image": null,
         *       "links": [],
         *       "userId": null,
         *       "articleCount": 12,
         *       "version": 1,
         *       "createdAt": "2026-11-20T08:15:00.000Z",
         *       "updatedAt": "2026-11-20T08:15:00.000Z"
         *     }
         */
        Author: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug: string;
            name: string;
            /** @description The biography in each locale. */
            bios: {
                [key: string]: string;
            };
            image: components["schemas"]["Picture"] | null;
            links: {
                label: string;
                /** Format: uri */
                url: string;
            }[];
            userId: string | null;
            /**
             * Format: int64
             * @description Live articles they sign, in any locale.
             */
            articleCount: number;
            /**
             * Format: int32
             * @description Grows by one with each change; the ETag.
             */
            version: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        /**
         * @example {
         *       "name": "Maya Lindqvist",
         *       "bios": {
         *         "en": "Maya Lindqvist writes about ports and the people in them."
         *       }
         *     }
         */
        NewAuthor: {
            name: string;
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug?: string;
            bios?: {
                [key: string]: string;
            };
            image?: components["schemas"]["PictureInput"] | null;
            links?: {
                label: string;
                /** Format: uri */
                url: string;
            }[];
            userId?: string | null;
        };
        /**
         * @description A JSON merge patch: biographies and image merge, links are replaced whole.
         * @example {
         *       "bios": {
         *         "ru": "Майя Линдквист пишет о портах и людях в них."
         *       }
         *     }
         */
        AuthorPatch: {
            name?: string;
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug?: string;
            bios?: {
                [key: string]: string | null;
            };
            image?: components["schemas"]["PicturePatch"] | null;
            links?: {
                label: string;
                /** Format: uri */
                url: string;
            }[];
            userId?: string | null;
        };
        /**
         * @description What a story is about, or belongs to.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "kind": "topic",
         *       "slug": "shipping",
         *       "names": {
         *         "en": "Shipping",
         *         "ru": "Судоходство"
         *       },
         *       "descriptions": {},
         *       "parentId": null,
         *       "aliases": [
         *         "sea-trade"
         *       ],
         *       "articleCount": 12,
         *       "version": 1,
         *       "createdAt": "2026-11-20T08:15:00.000Z",
         *       "updatedAt": "2026-11-20T08:15:00.000Z"
         *     }
         */
        Tag: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /** @enum {unknown} */
            kind: "topic" | "person" | "organisation" | "place" | "section" | "series";
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug: string;
            /** @description The name in each locale. */
            names: {
                [key: string]: string;
            };
            /** @description A sentence or two in each locale. */
            descriptions: {
                [key: string]: string;
            };
            parentId: string | null;
            /** @description Other slugs it answers to; former ones, and those of tags merged into it, are added by themselves. */
            aliases: string[];
            /**
             * Format: int64
             * @description Live articles that have it, in any locale.
             */
            articleCount: number;
            /**
             * Format: int32
             * @description Grows by one with each change; the ETag.
             */
            version: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        /**
         * @example {
         *       "kind": "topic",
         *       "names": {
         *         "en": "Shipping",
         *         "ru": "Судоходство"
         *       }
         *     }
         */
        NewTag: {
            /** @enum {unknown} */
            kind: "topic" | "person" | "organisation" | "place" | "section" | "series";
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug?: string;
            /** @description The name in each locale. */
            names: {
                [key: string]: string;
            };
            /** @description A sentence or two in each locale. */
            descriptions?: {
                [key: string]: string;
            };
            parentId?: string | null;
            /** @description Other slugs it answers to; former ones, and those of tags merged into it, are added by themselves. */
            aliases?: string[];
        };
        /**
         * @description A JSON merge patch: texts by locale merge, arrays are replaced whole.
         * @example {
         *       "names": {
         *         "hy": "Նավագնացություն"
         *       }
         *     }
         */
        TagPatch: {
            /** @enum {unknown} */
            kind?: "topic" | "person" | "organisation" | "place" | "section" | "series";
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug?: string;
            names?: {
                [key: string]: string | null;
            };
            descriptions?: {
                [key: string]: string | null;
            };
            parentId?: string | null;
            /** @description Other slugs it answers to; former ones, and those of tags merged into it, are added by themselves. */
            aliases?: string[];
        };
        /**
         * @example {
         *       "into": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10"
         *     }
         */
        TagMerge: {
            /**
             * Format: uuid
             * @description The tag that stays.
             */
            into: string;
        };
        /**
         * @description The outside source credited.
         * @example {
         *       "name": "The Lantern Review",
         *       "url": "https://lantern.example/"
         *     }
         */
        Source: {
            name: string;
            /** Format: uri */
            url: string;
        };
        /**
         * @description For search engines; null = the article’s own.
         * @example {
         *       "title": "Ferry line reopens",
         *       "description": null,
         *       "canonicalUrl": null
         *     }
         */
        Seo: {
            title: string | null;
            description: string | null;
            canonicalUrl: string | null;
        };
        /**
         * @description Terms of this article where they differ from the site’s.
         * @example {
         *       "licence": "https://creativecommons.org/licenses/by/4.0/",
         *       "notice": null
         *     }
         */
        Rights: {
            licence: string | null;
            notice: string | null;
        };
        /** @description Where the article stands on its timeline. */
        PublicationState: {
            /** @enum {unknown} */
            state: "none" | "scheduled" | "live" | "ended" | "withdrawn";
            liveFrom: string | null;
            liveUntil: string | null;
            version: number | null;
            /** @description Whether something is live and the working copy differs from it. */
            hasUnpublishedChanges: boolean;
        };
        /**
         * @description An article in a list: everything but the body.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *       "locale": "en",
         *       "slug": "ferry-line-reopens",
         *       "headline": "Ferry line reopens after two winters",
         *       "kicker": "Coast",
         *       "standfirst": "The first boat left with forty passengers and a dog.",
         *       "authors": [],
         *       "tags": [
         *         "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
         *       ],
         *       "source": null,
         *       "image": null,
         *       "dateline": "Port Ansel",
         *       "breaking": false,
         *       "accessibleForFree": true,
         *       "sensitive": false,
         *       "seo": {
         *         "title": null,
         *         "description": null,
         *         "canonicalUrl": null
         *       },
         *       "rights": null,
         *       "wordCount": 312,
         *       "stage": "draft",
         *       "version": 1,
         *       "publication": {
         *         "state": "none",
         *         "liveFrom": null,
         *         "liveUntil": null,
         *         "version": null,
         *         "hasUnpublishedChanges": false
         *       },
         *       "withdrawal": null,
         *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
         *       "createdAt": "2026-11-20T08:15:00.000Z",
         *       "updatedAt": "2026-11-20T08:15:00.000Z",
         *       "trashedAt": null
         *     }
         */
        ArticleSummary: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /**
             * Format: uuid
             * @description Joins the translations of a story.
             */
            storyId: string;
            /** @description A BCP 47 language tag in canonical case: `en`, `pt-BR`, `zh-Hant`. */
            locale: string;
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug: string;
            /** @description The title of the story. */
            headline: string;
            /** @description A word or two above the headline. */
            kicker: string;
            /** @description A sentence or two below the headline. */
            standfirst: string;
            /** @description Who signs, in order. */
            authors: string[];
            /** @description In order; the first is the primary one. */
            tags: string[];
            source: components["schemas"]["Source"] | null;
            image: components["schemas"]["Picture"] | null;
            /** @description Where it was written. */
            dateline: string;
            breaking: boolean;
            accessibleForFree: boolean;
            sensitive: boolean;
            seo: components["schemas"]["Seo"];
            rights: components["schemas"]["Rights"] | null;
            /** Format: int64 */
            wordCount: number;
            /** @enum {unknown} */
            stage: "draft" | "in_review" | "ready";
            /**
             * Format: int32
             * @description Grows by one with each change; the ETag.
             */
            version: number;
            publication: components["schemas"]["PublicationState"];
            withdrawal: {
                /** Format: date-time */
                at: string;
                reason: string;
            } | null;
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            createdBy: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            trashedAt: string | null;
            /** @description Names asked for with `include`. */
            included?: {
                /** @description With `include=tags`. */
                tags?: {
                    /**
                     * Format: uuid
                     * @description A UUID, version 7.
                     */
                    id: string;
                    /** @description Lower-case letters a-z, digits and single hyphens. */
                    slug: string;
                    names: {
                        [key: string]: string;
                    };
                }[];
                /** @description With `include=authors`. */
                authors?: {
                    /**
                     * Format: uuid
                     * @description A UUID, version 7.
                     */
                    id: string;
                    /** @description Lower-case letters a-z, digits and single hyphens. */
                    slug: string;
                    name: string;
                }[];
            };
        };
        /**
         * @description The working copy editors change.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *       "locale": "en",
         *       "slug": "ferry-line-reopens",
         *       "headline": "Ferry line reopens after two winters",
         *       "kicker": "Coast",
         *       "standfirst": "The first boat left with forty passengers and a dog.",
         *       "authors": [],
         *       "tags": [
         *         "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
         *       ],
         *       "source": null,
         *       "image": null,
         *       "dateline": "Port Ansel",
         *       "breaking": false,
         *       "accessibleForFree": true,
         *       "sensitive": false,
         *       "seo": {
         *         "title": null,
         *         "description": null,
         *         "canonicalUrl": null
         *       },
         *       "rights": null,
         *       "wordCount": 312,
         *       "stage": "draft",
         *       "version": 1,
         *       "publication": {
         *         "state": "none",
         *         "liveFrom": null,
         *         "liveUntil": null,
         *         "version": null,
         *         "hasUnpublishedChanges": false
         *       },
         *       "withdrawal": null,
         *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
         *       "createdAt": "2026-11-20T08:15:00.000Z",
         *       "updatedAt": "2026-11-20T08:15:00.000Z",
         *       "trashedAt": null,
         *       "body": {
         *         "blocks": []
         *       }
         *     }
         */
        Article: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /**
             * Format: uuid
             * @description Joins the translations of a story.
             */
            storyId: string;
            /** @description A BCP 47 language tag in canonical case: `en`, `pt-BR`, `zh-Hant`. */
            locale: string;
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug: string;
            /** @description The title of the story. */
            headline: string;
            /** @description A word or two above the headline. */
            kicker: string;
            /** @description A sentence or two below the headline. */
            standfirst: string;
            /** @description Who signs, in order. */
            authors: string[];
            /** @description In order; the first is the primary one. */
            tags: string[];
            source: components["schemas"]["Source"] | null;
            image: components["schemas"]["Picture"] | null;
            /** @description Where it was written. */
            dateline: string;
            breaking: boolean;
            accessibleForFree: boolean;
            sensitive: boolean;
            seo: components["schemas"]["Seo"];
            rights: components["schemas"]["Rights"] | null;
            /** Format: int64 */
            wordCount: number;
            /** @enum {unknown} */
            stage: "draft" | "in_review" | "ready";
            /**
             * Format: int32
             * @description Grows by one with each change; the ETag.
             */
            version: number;
            publication: components["schemas"]["PublicationState"];
            withdrawal: {
                /** Format: date-time */
                at: string;
                reason: string;
            } | null;
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            createdBy: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            trashedAt: string | null;
            /** @description Names asked for with `include`. */
            included?: {
                /** @description With `include=tags`. */
                tags?: {
                    /**
                     * Format: uuid
                     * @description A UUID, version 7.
                     */
                    id: string;
                    /** @description Lower-case letters a-z, digits and single hyphens. */
                    slug: string;
                    names: {
                        [key: string]: string;
                    };
                }[];
                /** @description With `include=authors`. */
                authors?: {
                    /**
                     * Format: uuid
                     * @description A UUID, version 7.
                     */
                    id: string;
                    /** @description Lower-case letters a-z, digits and single hyphens. */
                    slug: string;
                    name: string;
                }[];
            };
            body: components["schemas"]["ArticleBody"];
        };
        /**
         * @example {
         *       "locale": "en",
         *       "headline": "Ferry line reopens after two winters",
         *       "standfirst": "The first boat left with forty passengers and a dog.",
         *       "body": {
         *         "markdown": "The first boat left at **six** in the morning."
         *       },
         *       "source": {
         *         "name": "The Lantern Review",
         *         "url": "https://lantern.example/"
         *       }
         *     }
         */
        NewArticle: {
            /** @description A BCP 47 language tag in canonical case: `en`, `pt-BR`, `zh-Hant`. */
            locale: string;
            /** @description The title of the story. */
            headline: string;
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug?: string;
            /** @description A word or two above the headline. */
            kicker?: string;
            /** @description A sentence or two below the headline. */
            standfirst?: string;
            body?: components["schemas"]["ArticleBodyInput"];
            /** @description Who signs, in order. */
            authors?: string[];
            /** @description In order; the first is the primary one. */
            tags?: string[];
            /** @description Where it was written. */
            dateline?: string;
            breaking?: boolean;
            accessibleForFree?: boolean;
            sensitive?: boolean;
            /** @description What this revision is about; kept with it. */
            message?: string;
            source?: components["schemas"]["Source"] | null;
            image?: components["schemas"]["PictureInput"] | null;
            seo?: {
                title?: string | null;
                description?: string | null;
                canonicalUrl?: string | null;
            };
            rights?: {
                licence?: string | null;
                notice?: string | null;
            } | null;
        };
        /**
         * @description A JSON merge patch: `source`, `image`, `seo` and `rights` merge; `body` and arrays are replaced whole.
         * @example {
         *       "headline": "Ferry line reopens after two long winters",
         *       "message": "Says how long it was closed"
         *     }
         */
        ArticlePatch: {
            /** @description The title of the story. */
            headline?: string;
            /** @description null: follow the headline again. */
            slug?: string | null;
            /** @description A word or two above the headline. */
            kicker?: string;
            /** @description A sentence or two below the headline. */
            standfirst?: string;
            body?: components["schemas"]["ArticleBodyInput"];
            /** @description Who signs, in order. */
            authors?: string[];
            /** @description In order; the first is the primary one. */
            tags?: string[];
            /** @description Where it was written. */
            dateline?: string;
            breaking?: boolean;
            accessibleForFree?: boolean;
            sensitive?: boolean;
            /** @description What this revision is about; kept with it. */
            message?: string;
            source?: {
                name?: string;
                /** Format: uri */
                url?: string;
            } | null;
            image?: components["schemas"]["PicturePatch"] | null;
            seo?: {
                title?: string | null;
                description?: string | null;
                canonicalUrl?: string | null;
            };
            rights?: {
                licence?: string | null;
                notice?: string | null;
            } | null;
        };
        /**
         * @example {
         *       "to": "in_review",
         *       "note": "The harbour master has seen the quotes."
         *     }
         */
        NewStageMove: {
            /** @enum {unknown} */
            to: "draft" | "in_review" | "ready";
            /** @description What the next one should know; kept with the move. */
            note?: string;
        };
        /**
         * @description Who moved an article from one stage to another, and with what note.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a30",
         *       "from": "draft",
         *       "to": "in_review",
         *       "note": "The harbour master has seen the quotes.",
         *       "movedBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
         *       "movedByName": "Mara Lind",
         *       "movedAt": "2026-11-20T08:15:00.000Z"
         *     }
         */
        StageMove: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /** @enum {unknown} */
            from: "draft" | "in_review" | "ready";
            /** @enum {unknown} */
            to: "draft" | "in_review" | "ready";
            note: string | null;
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            movedBy: string;
            movedByName: string;
            /** Format: date-time */
            movedAt: string;
        };
        /**
         * @description The language, and what the translation begins with. Members left out are copied from the article that is translated, but for `slug`, which is made from the headline, and `seo.canonicalUrl`.
         * @example {
         *       "locale": "ru",
         *       "headline": "Паромная линия снова открыта"
         *     }
         */
        NewTranslation: {
            /** @description A BCP 47 language tag in canonical case: `en`, `pt-BR`, `zh-Hant`. */
            locale: string;
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug?: string;
            /** @description A word or two above the headline. */
            kicker?: string;
            /** @description A sentence or two below the headline. */
            standfirst?: string;
            body?: components["schemas"]["ArticleBodyInput"];
            /** @description Who signs, in order. */
            authors?: string[];
            /** @description In order; the first is the primary one. */
            tags?: string[];
            /** @description Where it was written. */
            dateline?: string;
            breaking?: boolean;
            accessibleForFree?: boolean;
            sensitive?: boolean;
            /** @description What this revision is about; kept with it. */
            message?: string;
            source?: components["schemas"]["Source"] | null;
            image?: components["schemas"]["PictureInput"] | null;
            seo?: {
                title?: string | null;
                description?: string | null;
                canonicalUrl?: string | null;
            };
            rights?: {
                licence?: string | null;
                notice?: string | null;
            } | null;
            /** @description The title of the story. */
            headline?: string;
        };
        /**
         * @description A revision in a list: who wrote it, when, and why.
         * @example {
         *       "version": 3,
         *       "headline": "Ferry line reopens after two long winters",
         *       "message": "Says how long it was closed",
         *       "restoredFrom": null,
         *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
         *       "createdByName": "Mara Lindqvist",
         *       "createdAt": "2026-11-20T08:40:00.000Z"
         *     }
         */
        RevisionSummary: {
            /**
             * Format: int32
             * @description Grows by one with each change; the ETag.
             */
            version: number;
            headline: string;
            message: string | null;
            restoredFrom: number | null;
            /**
             * Format: uuid
             * @description Who wrote it.
             */
            createdBy: string;
            createdByName: string | null;
            /** Format: date-time */
            createdAt: string;
        };
        /**
         * @description All content fields of an article, as they were at one version.
         * @example {
         *       "headline": "Ferry line reopens after two long winters",
         *       "kicker": "Coast",
         *       "standfirst": "The first boat left with forty passengers and a dog.",
         *       "body": {
         *         "blocks": []
         *       },
         *       "slug": "ferry-line-reopens",
         *       "authors": [],
         *       "tags": [
         *         "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
         *       ],
         *       "source": null,
         *       "image": null,
         *       "dateline": "Port Ansel",
         *       "breaking": false,
         *       "accessibleForFree": true,
         *       "sensitive": false,
         *       "seo": {
         *         "title": null,
         *         "description": null,
         *         "canonicalUrl": null
         *       },
         *       "rights": null
         *     }
         */
        RevisionContent: {
            /** @description The title of the story. */
            headline: string;
            /** @description A word or two above the headline. */
            kicker: string;
            /** @description A sentence or two below the headline. */
            standfirst: string;
            body: components["schemas"]["ArticleBody"];
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug: string;
            /** @description As they were then; some may be deleted by now. */
            authors: string[];
            /** @description As they were then; some may be merged or deleted by now. */
            tags: string[];
            source: components["schemas"]["Source"] | null;
            image: components["schemas"]["Picture"] | null;
            /** @description Where it was written. */
            dateline: string;
            breaking: boolean;
            accessibleForFree: boolean;
            sensitive: boolean;
            seo: components["schemas"]["Seo"];
            rights: components["schemas"]["Rights"] | null;
        };
        /**
         * @description What an article’s content was at one version. It never changes.
         * @example {
         *       "version": 3,
         *       "headline": "Ferry line reopens after two long winters",
         *       "message": "Says how long it was closed",
         *       "restoredFrom": null,
         *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
         *       "createdByName": "Mara Lindqvist",
         *       "createdAt": "2026-11-20T08:40:00.000Z",
         *       "content": {
         *         "headline": "Ferry line reopens after two long winters",
         *         "kicker": "Coast",
         *         "standfirst": "The first boat left with forty passengers and a dog.",
         *         "body": {
         *           "blocks": []
         *         },
         *         "slug": "ferry-line-reopens",
         *         "authors": [],
         *         "tags": [
         *           "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
         *         ],
         *         "source": null,
         *         "image": null,
         *         "dateline": "Port Ansel",
         *         "breaking": false,
         *         "accessibleForFree": true,
         *         "sensitive": false,
         *         "seo": {
         *           "title": null,
         *           "description": null,
         *           "canonicalUrl": null
         *         },
         *         "rights": null
         *       }
         *     }
         */
        Revision: {
            /**
             * Format: int32
             * @description Grows by one with each change; the ETag.
             */
            version: number;
            headline: string;
            message: string | null;
            restoredFrom: number | null;
            /**
             * Format: uuid
             * @description Who wrote it.
             */
            createdBy: string;
            createdByName: string | null;
            /** Format: date-time */
            createdAt: string;
            content: components["schemas"]["RevisionContent"];
        };
        /**
         * @description The working copy after a revision was restored.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *       "locale": "en",
         *       "slug": "ferry-line-reopens",
         *       "headline": "Ferry line reopens after two winters",
         *       "kicker": "Coast",
         *       "standfirst": "The first boat left with forty passengers and a dog.",
         *       "authors": [],
         *       "tags": [
         *         "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
         *       ],
         *       "source": null,
         *       "image": null,
         *       "dateline": "Port Ansel",
         *       "breaking": false,
         *       "accessibleForFree": true,
         *       "sensitive": false,
         *       "seo": {
         *         "title": null,
         *         "description": null,
         *         "canonicalUrl": null
         *       },
         *       "rights": null,
         *       "wordCount": 312,
         *       "stage": "draft",
         *       "version": 4,
         *       "publication": {
         *         "state": "none",
         *         "liveFrom": null,
         *         "liveUntil": null,
         *         "version": null,
         *         "hasUnpublishedChanges": false
         *       },
         *       "withdrawal": null,
         *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
         *       "createdAt": "2026-11-20T08:15:00.000Z",
         *       "updatedAt": "2026-11-20T08:15:00.000Z",
         *       "trashedAt": null,
         *       "body": {
         *         "blocks": []
         *       },
         *       "dropped": {
         *         "tags": [
         *           "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
         *         ],
         *         "authors": []
         *       }
         *     }
         */
        RestoredArticle: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /**
             * Format: uuid
             * @description Joins the translations of a story.
             */
            storyId: string;
            /** @description A BCP 47 language tag in canonical case: `en`, `pt-BR`, `zh-Hant`. */
            locale: string;
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug: string;
            /** @description The title of the story. */
            headline: string;
            /** @description A word or two above the headline. */
            kicker: string;
            /** @description A sentence or two below the headline. */
            standfirst: string;
            /** @description Who signs, in order. */
            authors: string[];
            /** @description In order; the first is the primary one. */
            tags: string[];
            source: components["schemas"]["Source"] | null;
            image: components["schemas"]["Picture"] | null;
            /** @description Where it was written. */
            dateline: string;
            breaking: boolean;
            accessibleForFree: boolean;
            sensitive: boolean;
            seo: components["schemas"]["Seo"];
            rights: components["schemas"]["Rights"] | null;
            /** Format: int64 */
            wordCount: number;
            /** @enum {unknown} */
            stage: "draft" | "in_review" | "ready";
            /**
             * Format: int32
             * @description Grows by one with each change; the ETag.
             */
            version: number;
            publication: components["schemas"]["PublicationState"];
            withdrawal: {
                /** Format: date-time */
                at: string;
                reason: string;
            } | null;
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            createdBy: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            trashedAt: string | null;
            /** @description Names asked for with `include`. */
            included?: {
                /** @description With `include=tags`. */
                tags?: {
                    /**
                     * Format: uuid
                     * @description A UUID, version 7.
                     */
                    id: string;
                    /** @description Lower-case letters a-z, digits and single hyphens. */
                    slug: string;
                    names: {
                        [key: string]: string;
                    };
                }[];
                /** @description With `include=authors`. */
                authors?: {
                    /**
                     * Format: uuid
                     * @description A UUID, version 7.
                     */
                    id: string;
                    /** @description Lower-case letters a-z, digits and single hyphens. */
                    slug: string;
                    name: string;
                }[];
            };
            body: components["schemas"]["ArticleBody"];
            /** @description Ids in the revision that could not be restored: they were deleted. */
            dropped: {
                tags: string[];
                authors: string[];
            };
        };
        /**
         * @description A stretch of text. All that are not `removed` joined are the text after, all that are not `inserted` the text before.
         * @example {
         *       "op": "inserted",
         *       "text": "long "
         *     }
         */
        WordChange: {
            /**
             * @description On which side the words are.
             * @enum {unknown}
             */
            op: "same" | "inserted" | "removed";
            text: string;
        };
        /**
         * @description What became of one block.
         * @example {
         *       "op": "changed",
         *       "key": "p1",
         *       "before": {
         *         "_type": "block",
         *         "_key": "p1",
         *         "style": "normal",
         *         "children": [
         *           {
         *             "_type": "span",
         *             "_key": "s0",
         *             "text": "After two winters.",
         *             "marks": []
         *           }
         *         ],
         *         "markDefs": []
         *       },
         *       "after": {
         *         "_type": "block",
         *         "_key": "p1",
         *         "style": "normal",
         *         "children": [
         *           {
         *             "_type": "span",
         *             "_key": "s0",
         *             "text": "After two long winters.",
         *             "marks": []
         *           }
         *         ],
         *         "markDefs": []
         *       },
         *       "words": [
         *         {
         *           "op": "same",
         *           "text": "After two "
         *         },
         *         {
         *           "op": "inserted",
         *           "text": "long "
         *         },
         *         {
         *           "op": "same",
         *           "text": "winters."
         *         }
         *       ]
         *     }
         */
        BlockChange: {
            /**
             * @description `moved`: it stands elsewhere among the blocks that are in both, and may have changed too.
             * @enum {unknown}
             */
            op: "same" | "changed" | "moved" | "inserted" | "removed";
            /** @description Of the block after, or of the one that was removed. */
            key: string;
            before?: components["schemas"]["Block"];
            after?: components["schemas"]["Block"];
            /** @description When a paragraph, its style, marks or links changed. */
            words?: components["schemas"]["WordChange"][];
        };
        /**
         * @description What differs between two revisions of an article.
         * @example {
         *       "from": 1,
         *       "to": 3,
         *       "fields": [
         *         {
         *           "field": "headline",
         *           "before": "Ferry line reopens after two winters",
         *           "after": "Ferry line reopens after two long winters"
         *         }
         *       ],
         *       "body": [
         *         {
         *           "op": "changed",
         *           "key": "p1",
         *           "before": {
         *             "_type": "block",
         *             "_key": "p1",
         *             "style": "normal",
         *             "children": [
         *               {
         *                 "_type": "span",
         *                 "_key": "s0",
         *                 "text": "After two winters.",
         *                 "marks": []
         *               }
         *             ],
         *             "markDefs": []
         *           },
         *           "after": {
         *             "_type": "block",
         *             "_key": "p1",
         *             "style": "normal",
         *             "children": [
         *               {
         *                 "_type": "span",
         *                 "_key": "s0",
         *                 "text": "After two long winters.",
         *                 "marks": []
         *               }
         *             ],
         *             "markDefs": []
         *           },
         *           "words": [
         *             {
         *               "op": "same",
         *               "text": "After two "
         *             },
         *             {
         *               "op": "inserted",
         *               "text": "long "
         *             },
         *             {
         *               "op": "same",
         *               "text": "winters."
         *             }
         *           ]
         *         }
         *       ]
         *     }
         */
        ArticleDiff: {
            /**
             * Format: int32
             * @description Grows by one with each change; the ETag.
             */
            from: number;
            /**
             * Format: int32
             * @description Grows by one with each change; the ETag.
             */
            to: number;
            /** @description The content fields that differ, but the body. */
            fields: {
                /** @description Name of a content field. */
                field: string;
                /** @description Its value in `from`. */
                before: unknown;
                /** @description Its value in `to`. */
                after: unknown;
            }[];
            /** @description Every block of both sides once, in the order of `to`; one that was removed stands behind the block it stood behind. */
            body: components["schemas"]["BlockChange"][];
        };
        /**
         * @description One revision on the timeline: live from `liveFrom` (inclusive) until `liveUntil` (exclusive; null = open). `plannedUntil` is the end its editor asked for, which a later publication may cut short.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a20",
         *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "version": 3,
         *       "locale": "en",
         *       "slug": "ferry-line-reopens",
         *       "headline": "Ferry line reopens after two winters",
         *       "state": "live",
         *       "liveFrom": "2026-11-20T08:15:00.000Z",
         *       "liveUntil": null,
         *       "plannedUntil": null,
         *       "publishedAt": "2026-11-20T08:15:00.000Z",
         *       "correction": null,
         *       "minor": false,
         *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
         *       "createdAt": "2026-11-20T08:15:00.000Z"
         *     }
         */
        Publication: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            articleId: string;
            /**
             * Format: int32
             * @description Grows by one with each change; the ETag.
             */
            version: number;
            /** @description A BCP 47 language tag in canonical case: `en`, `pt-BR`, `zh-Hant`. */
            locale: string;
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug: string;
            headline: string;
            /** @enum {unknown} */
            state: "scheduled" | "live" | "ended" | "cancelled" | "withdrawn";
            /** Format: date-time */
            liveFrom: string;
            liveUntil: string | null;
            plannedUntil: string | null;
            /**
             * Format: date-time
             * @description When the article was, or will be, first ever live.
             */
            publishedAt: string;
            correction: string | null;
            /** @description Readers keep the time of update they had. */
            minor: boolean;
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            createdBy: string;
            /** Format: date-time */
            createdAt: string;
        };
        /**
         * @example {}
         * @example {
         *       "liveFrom": "2030-01-01T09:00:00Z"
         *     }
         * @example {
         *       "correction": "The boat has forty seats, not fourteen."
         *     }
         */
        NewPublication: {
            /**
             * Format: date-time
             * @description When readers see it; absent = now. At most 60 seconds in the past.
             */
            liveFrom?: string;
            /** @description When readers no longer see it; null = open; absent = the end asked for before. */
            liveUntil?: string | null;
            /**
             * Format: int32
             * @description Which revision; absent = the current one.
             */
            version?: number;
            /** @description What was wrong before and is right now. Shown to readers. */
            correction?: string;
            /** @description Readers keep the time of update they had. */
            minor?: boolean;
        };
        /**
         * @description A JSON merge patch. Of a live publication only `liveUntil` may change.
         * @example {
         *       "liveFrom": "2030-01-01T10:00:00Z"
         *     }
         */
        PublicationPatch: {
            /**
             * Format: date-time
             * @description At most 60 seconds in the past, which means now.
             */
            liveFrom?: string;
            /** @description When readers no longer see it; null = open; absent = the end asked for before. */
            liveUntil?: string | null;
            /**
             * Format: int32
             * @description Show this revision instead.
             */
            version?: number;
            correction?: string | null;
            /** @description Readers keep the time of update they had. */
            minor?: boolean;
        };
        /**
         * @example {}
         * @example {
         *       "at": "2030-01-01T09:00:00Z"
         *     }
         */
        Unpublishing: {
            /**
             * Format: date-time
             * @description When; absent = now. At most 60 seconds in the past.
             */
            at?: string;
        };
        /**
         * @example {
         *       "reason": "Court order of 3 March"
         *     }
         */
        Withdrawal: {
            /** @description Why; for colleagues, never shown to readers. */
            reason: string;
        };
        /** @description Each as POST /v1/articles/{id}/publications does it. */
        BulkPublish: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            action: "publish";
            /** @description Each article once. */
            items: {
                /**
                 * Format: uuid
                 * @description A UUID, version 7.
                 */
                id: string;
                /**
                 * Format: int32
                 * @description The version you read: what If-Match is to a single call.
                 */
                version: number;
                /**
                 * Format: date-time
                 * @description When readers see it; absent = now. At most 60 seconds in the past.
                 */
                liveFrom?: string;
                /** @description When readers no longer see it; null = open; absent = the end asked for before. */
                liveUntil?: string | null;
                /** @description What was wrong before and is right now. Shown to readers. */
                correction?: string;
                /** @description Readers keep the time of update they had. */
                minor?: boolean;
            }[];
        };
        /** @description Each as POST /v1/articles/{id}/unpublish does it. */
        BulkUnpublish: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            action: "unpublish";
            /** @description Each article once. */
            items: {
                /**
                 * Format: uuid
                 * @description A UUID, version 7.
                 */
                id: string;
                /**
                 * Format: date-time
                 * @description When; absent = now. At most 60 seconds in the past.
                 */
                at?: string;
            }[];
        };
        /** @description Puts the tags that an article does not have behind those it has. */
        BulkTag: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            action: "tag";
            /** @description Ids of tags. */
            tags: string[];
            /** @description Each article once. */
            items: {
                /**
                 * Format: uuid
                 * @description A UUID, version 7.
                 */
                id: string;
                /**
                 * Format: int32
                 * @description The version you read: what If-Match is to a single call.
                 */
                version: number;
            }[];
        };
        /** @description Takes the tags away where they are. */
        BulkUntag: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            action: "untag";
            /** @description Ids of tags. */
            tags: string[];
            /** @description Each article once. */
            items: {
                /**
                 * Format: uuid
                 * @description A UUID, version 7.
                 */
                id: string;
                /**
                 * Format: int32
                 * @description The version you read: what If-Match is to a single call.
                 */
                version: number;
            }[];
        };
        /** @description Each as DELETE /v1/articles/{id} does it. */
        BulkTrash: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            action: "trash";
            /** @description Each article once. */
            items: {
                /**
                 * Format: uuid
                 * @description A UUID, version 7.
                 */
                id: string;
                /**
                 * Format: int32
                 * @description The version you read: what If-Match is to a single call.
                 */
                version: number;
            }[];
        };
        /**
         * @description One action on up to 100 articles, told apart by `action`.
         * @example {
         *       "action": "tag",
         *       "tags": [
         *         "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
         *       ],
         *       "items": [
         *         {
         *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *           "version": 3
         *         }
         *       ]
         *     }
         */
        BulkOrder: components["schemas"]["BulkPublish"] | components["schemas"]["BulkUnpublish"] | components["schemas"]["BulkTag"] | components["schemas"]["BulkUntag"] | components["schemas"]["BulkTrash"];
        /** @description What became of one article. */
        BulkResult: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /**
             * Format: int64
             * @description What the single call would have answered.
             */
            status: number;
            article?: components["schemas"]["ArticleSummary"];
            publication?: components["schemas"]["Publication"];
            problem?: components["schemas"]["Problem"];
        };
        /**
         * @example {
         *       "data": [
         *         {
         *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *           "status": 204
         *         },
         *         {
         *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *           "status": 412,
         *           "problem": {
         *             "type": "/problems/stale_version",
         *             "title": "The thing has changed since you read it",
         *             "status": 412,
         *             "detail": "The current version is 8.",
         *             "code": "stale_version",
         *             "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a31",
         *             "currentVersion": 8
         *           }
         *         }
         *       ]
         *     }
         */
        BulkAnswer: {
            /** @description In the order of the items. */
            data: components["schemas"]["BulkResult"][];
        };
        /**
         * @description What is added to the address as `utm_…`; null = not added.
         * @example {
         *       "source": "telegram",
         *       "medium": "social",
         *       "campaign": null,
         *       "term": null,
         *       "content": null
         *     }
         */
        Utm: {
            source: string | null;
            medium: string | null;
            campaign: string | null;
            term: string | null;
            content: string | null;
        };
        /**
         * @example {
         *       "content": "evening-post"
         *     }
         */
        UtmPatch: {
            source?: string | null;
            medium?: string | null;
            campaign?: string | null;
            term?: string | null;
            content?: string | null;
        };
        /**
         * @description What is shown where the short address is pasted; null = as the article has it.
         * @example {
         *       "title": "The ferry is back",
         *       "description": null,
         *       "image": null
         *     }
         */
        ShareCard: {
            title: string | null;
            description: string | null;
            image: string | null;
        };
        /**
         * @example {
         *       "title": "The ferry is back"
         *     }
         */
        ShareCardPatch: {
            title?: string | null;
            description?: string | null;
            image?: string | null;
        };
        /**
         * @description A short public address of an article, with a count.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a30",
         *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "code": "k7m3xw9p",
         *       "url": "http://localhost:3000/s/k7m3xw9p",
         *       "channel": "telegram",
         *       "campaign": "",
         *       "utm": {
         *         "source": "telegram",
         *         "medium": "social",
         *         "campaign": null,
         *         "term": null,
         *         "content": null
         *       },
         *       "redirectStatus": 302,
         *       "validFrom": null,
         *       "expiresAt": null,
         *       "expiredUrl": null,
         *       "maxClicks": null,
         *       "card": {
         *         "title": null,
         *         "description": null,
         *         "image": null
         *       },
         *       "indexable": false,
         *       "note": "",
         *       "clicks": {
         *         "total": 4,
         *         "human": 3,
         *         "bots": 1
         *       },
         *       "lastClickedAt": "2026-11-20T09:00:00.000Z",
         *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
         *       "createdAt": "2026-11-20T08:15:00.000Z",
         *       "archivedAt": null,
         *       "version": 1
         *     }
         */
        ShareLink: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            articleId: string;
            code: string;
            /**
             * Format: uri
             * @description The whole short address.
             */
            url: string;
            /**
             * @description Where the link is meant to be posted.
             * @enum {unknown}
             */
            channel: "x" | "facebook" | "telegram" | "whatsapp" | "linkedin" | "reddit" | "bluesky" | "threads" | "email" | "copy" | "qr" | "other";
            /** @description A campaign of yours; empty = none. */
            campaign: string;
            utm: components["schemas"]["Utm"];
            /**
             * Format: int32
             * @description 302, or 301 (permanent), which browsers remember: it is refused together with `validFrom`, `expiresAt`, `expiredUrl` and `maxClicks`.
             * @enum {integer}
             */
            redirectStatus: 301 | 302;
            validFrom: string | null;
            expiresAt: string | null;
            /** @description Where who comes too late is led: an address on a host of the sites’ `articleUrl`. null = they are told it is gone. */
            expiredUrl: string | null;
            /** @description How many people it lets through; null = any number. */
            maxClicks: number | null;
            card: components["schemas"]["ShareCard"];
            /** @description Whether search engines may list the short address. */
            indexable: boolean;
            /** @description For colleagues. */
            note: string;
            /** @description By people and by robots. */
            clicks: {
                /** Format: int64 */
                total: number;
                /** Format: int64 */
                human: number;
                /** Format: int64 */
                bots: number;
            };
            lastClickedAt: string | null;
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            createdBy: string;
            /** Format: date-time */
            createdAt: string;
            archivedAt: string | null;
            /**
             * Format: int32
             * @description Grows by one with each change; the ETag.
             */
            version: number;
        };
        /**
         * @example {
         *       "channel": "telegram"
         *     }
         */
        NewArticleShareLink: {
            /**
             * @description Where the link is meant to be posted.
             * @enum {unknown}
             */
            channel: "x" | "facebook" | "telegram" | "whatsapp" | "linkedin" | "reddit" | "bluesky" | "threads" | "email" | "copy" | "qr" | "other";
            /** @description A campaign of yours; empty = none. */
            campaign?: string;
            /** @description Letters, digits and single hyphens; case does not count. A code that was ever given is never given again. Without it, eight letters and digits that nobody mistakes for others. */
            code?: string;
            utm?: components["schemas"]["UtmPatch"];
            /**
             * Format: int32
             * @description 302, or 301 (permanent), which browsers remember: it is refused together with `validFrom`, `expiresAt`, `expiredUrl` and `maxClicks`.
             * @enum {integer}
             */
            redirectStatus?: 301 | 302;
            validFrom?: string | null;
            /** @description After `validFrom`. */
            expiresAt?: string | null;
            /** @description Where who comes too late is led: an address on a host of the sites’ `articleUrl`. null = they are told it is gone. */
            expiredUrl?: string | null;
            /** @description How many people it lets through; null = any number. */
            maxClicks?: number | null;
            card?: components["schemas"]["ShareCardPatch"];
            /** @description Whether search engines may list the short address. */
            indexable?: boolean;
            /** @description For colleagues. */
            note?: string;
        };
        /**
         * @example {
         *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "channel": "telegram"
         *     }
         */
        NewShareLink: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            articleId: string;
            /**
             * @description Where the link is meant to be posted.
             * @enum {unknown}
             */
            channel: "x" | "facebook" | "telegram" | "whatsapp" | "linkedin" | "reddit" | "bluesky" | "threads" | "email" | "copy" | "qr" | "other";
            /** @description A campaign of yours; empty = none. */
            campaign?: string;
            /** @description Letters, digits and single hyphens; case does not count. A code that was ever given is never given again. Without it, eight letters and digits that nobody mistakes for others. */
            code?: string;
            utm?: components["schemas"]["UtmPatch"];
            /**
             * Format: int32
             * @description 302, or 301 (permanent), which browsers remember: it is refused together with `validFrom`, `expiresAt`, `expiredUrl` and `maxClicks`.
             * @enum {integer}
             */
            redirectStatus?: 301 | 302;
            validFrom?: string | null;
            /** @description After `validFrom`. */
            expiresAt?: string | null;
            /** @description Where who comes too late is led: an address on a host of the sites’ `articleUrl`. null = they are told it is gone. */
            expiredUrl?: string | null;
            /** @description How many people it lets through; null = any number. */
            maxClicks?: number | null;
            card?: components["schemas"]["ShareCardPatch"];
            /** @description Whether search engines may list the short address. */
            indexable?: boolean;
            /** @description For colleagues. */
            note?: string;
        };
        /**
         * @description A JSON merge patch; `utm` and `card` merge. A code given up keeps leading to the article.
         * @example {
         *       "note": "Pinned in the channel"
         *     }
         */
        ShareLinkPatch: {
            /** @description Letters, digits and single hyphens; case does not count. A code that was ever given is never given again. Without it, eight letters and digits that nobody mistakes for others. */
            code?: string;
            utm?: components["schemas"]["UtmPatch"];
            /**
             * Format: int32
             * @description 302, or 301 (permanent), which browsers remember: it is refused together with `validFrom`, `expiresAt`, `expiredUrl` and `maxClicks`.
             * @enum {integer}
             */
            redirectStatus?: 301 | 302;
            validFrom?: string | null;
            /** @description After `validFrom`. */
            expiresAt?: string | null;
            /** @description Where who comes too late is led: an address on a host of the sites’ `articleUrl`. null = they are told it is gone. */
            expiredUrl?: string | null;
            /** @description How many people it lets through; null = any number. */
            maxClicks?: number | null;
            card?: components["schemas"]["ShareCardPatch"];
            /** @description Whether search engines may list the short address. */
            indexable?: boolean;
            /** @description For colleagues. */
            note?: string;
        };
        /**
         * @example {
         *       "items": [
         *         {
         *           "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *           "channel": "telegram",
         *           "campaign": "evening"
         *         },
         *         {
         *           "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *           "channel": "telegram",
         *           "campaign": "evening"
         *         }
         *       ]
         *     }
         */
        ShareLinkBulk: {
            items: components["schemas"]["NewShareLink"][];
        };
        /** @description What became of one item. */
        ShareLinkBulkResult: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            articleId: string;
            /**
             * Format: int64
             * @description What the single call would have answered.
             */
            status: number;
            shareLink?: components["schemas"]["ShareLink"];
            problem?: components["schemas"]["Problem"];
        };
        /**
         * @example {
         *       "data": [
         *         {
         *           "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *           "status": 404,
         *           "problem": {
         *             "type": "/problems/not_found",
         *             "title": "Not found",
         *             "status": 404,
         *             "detail": "There is no such article.",
         *             "code": "not_found",
         *             "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a31"
         *           }
         *         }
         *       ]
         *     }
         */
        ShareLinkBulkAnswer: {
            /** @description In the order of the items. */
            data: components["schemas"]["ShareLinkBulkResult"][];
        };
        /**
         * @example {
         *       "human": 12,
         *       "bots": 3
         *     }
         */
        ClickCount: {
            /**
             * Format: int64
             * @description By people.
             */
            human: number;
            /**
             * Format: int64
             * @description By robots: those that preview links, crawlers, programs.
             */
            bots: number;
        };
        /**
         * @description One period; it ends where the next begins.
         * @example {
         *       "start": "2026-11-20T00:00:00.000Z",
         *       "human": 12,
         *       "bots": 3
         *     }
         */
        ClickPeriod: {
            /** Format: date-time */
            start: string;
            /**
             * Format: int64
             * @description By people.
             */
            human: number;
            /**
             * Format: int64
             * @description By robots: those that preview links, crawlers, programs.
             */
            bots: number;
        };
        /**
         * @description The clicks of a link within a range of time, people and robots apart.
         * @example {
         *       "from": "2026-11-20T00:00:00.000Z",
         *       "to": "2026-11-21T00:00:00.000Z",
         *       "period": "day",
         *       "timeZone": "UTC",
         *       "total": {
         *         "human": 12,
         *         "bots": 3
         *       },
         *       "series": [
         *         {
         *           "start": "2026-11-20T00:00:00.000Z",
         *           "human": 12,
         *           "bots": 3
         *         }
         *       ],
         *       "referrers": [
         *         {
         *           "host": "reddit.com",
         *           "human": 10,
         *           "bots": 0
         *         },
         *         {
         *           "host": "",
         *           "human": 2,
         *           "bots": 3
         *         }
         *       ],
         *       "countries": [
         *         {
         *           "country": "AM",
         *           "human": 12,
         *           "bots": 3
         *         }
         *       ],
         *       "devices": [
         *         {
         *           "device": "mobile",
         *           "human": 12,
         *           "bots": 0
         *         },
         *         {
         *           "device": "other",
         *           "human": 0,
         *           "bots": 3
         *         }
         *       ]
         *     }
         */
        ShareLinkStats: {
            /**
             * Format: date-time
             * @description The beginning of the first period.
             */
            from: string;
            /**
             * Format: date-time
             * @description The end of the last period.
             */
            to: string;
            /** @enum {unknown} */
            period: "hour" | "day" | "week";
            timeZone: string;
            total: components["schemas"]["ClickCount"];
            /** @description Every period, earliest first, those without a click too. */
            series: components["schemas"]["ClickPeriod"][];
            /** @description The 50 with most clicks; `other`: all the rest. */
            referrers: {
                /** @description Of the page the link stood on; empty: nobody said. */
                host: string;
                /**
                 * Format: int64
                 * @description By people.
                 */
                human: number;
                /**
                 * Format: int64
                 * @description By robots: those that preview links, crawlers, programs.
                 */
                bots: number;
            }[];
            /** @description The 50 with most clicks; `other`: all the rest. */
            countries: {
                /** @description Two letters, as the proxy says; empty: nobody said. */
                country: string;
                /**
                 * Format: int64
                 * @description By people.
                 */
                human: number;
                /**
                 * Format: int64
                 * @description By robots: those that preview links, crawlers, programs.
                 */
                bots: number;
            }[];
            devices: {
                /** @enum {unknown} */
                device: "desktop" | "mobile" | "tablet" | "other";
                /**
                 * Format: int64
                 * @description By people.
                 */
                human: number;
                /**
                 * Format: int64
                 * @description By robots: those that preview links, crawlers, programs.
                 */
                bots: number;
            }[];
        };
        /**
         * @description The views of an article and the clicks of all its links, archived ones too, within a range of time.
         * @example {
         *       "from": "2026-11-20T00:00:00.000Z",
         *       "to": "2026-11-21T00:00:00.000Z",
         *       "period": "day",
         *       "timeZone": "UTC",
         *       "views": {
         *         "total": 69,
         *         "series": [
         *           {
         *             "start": "2026-11-20T00:00:00.000Z",
         *             "views": 69
         *           }
         *         ]
         *       },
         *       "clicks": {
         *         "total": {
         *           "human": 12,
         *           "bots": 3
         *         },
         *         "series": [
         *           {
         *             "start": "2026-11-20T00:00:00.000Z",
         *             "human": 12,
         *             "bots": 3
         *           }
         *         ],
         *         "referrers": [
         *           {
         *             "host": "reddit.com",
         *             "human": 10,
         *             "bots": 0
         *           },
         *           {
         *             "host": "",
         *             "human": 2,
         *             "bots": 3
         *           }
         *         ],
         *         "countries": [
         *           {
         *             "country": "AM",
         *             "human": 12,
         *             "bots": 3
         *           }
         *         ],
         *         "devices": [
         *           {
         *             "device": "mobile",
         *             "human": 12,
         *             "bots": 0
         *           },
         *           {
         *             "device": "other",
         *             "human": 0,
         *             "bots": 3
         *           }
         *         ],
         *         "channels": [
         *           {
         *             "channel": "telegram",
         *             "human": 12,
         *             "bots": 3
         *           }
         *         ]
         *       }
         *     }
         */
        ArticleStats: {
            /**
             * Format: date-time
             * @description The beginning of the first period.
             */
            from: string;
            /**
             * Format: date-time
             * @description The end of the last period.
             */
            to: string;
            /** @enum {unknown} */
            period: "hour" | "day" | "week";
            timeZone: string;
            views: {
                /** Format: int64 */
                total: number;
                series: {
                    /** Format: date-time */
                    start: string;
                    /** Format: int64 */
                    views: number;
                }[];
            };
            clicks: {
                total: components["schemas"]["ClickCount"];
                /** @description Every period, earliest first, those without a click too. */
                series: components["schemas"]["ClickPeriod"][];
                /** @description The 50 with most clicks; `other`: all the rest. */
                referrers: {
                    /** @description Of the page the link stood on; empty: nobody said. */
                    host: string;
                    /**
                     * Format: int64
                     * @description By people.
                     */
                    human: number;
                    /**
                     * Format: int64
                     * @description By robots: those that preview links, crawlers, programs.
                     */
                    bots: number;
                }[];
                /** @description The 50 with most clicks; `other`: all the rest. */
                countries: {
                    /** @description Two letters, as the proxy says; empty: nobody said. */
                    country: string;
                    /**
                     * Format: int64
                     * @description By people.
                     */
                    human: number;
                    /**
                     * Format: int64
                     * @description By robots: those that preview links, crawlers, programs.
                     */
                    bots: number;
                }[];
                devices: {
                    /** @enum {unknown} */
                    device: "desktop" | "mobile" | "tablet" | "other";
                    /**
                     * Format: int64
                     * @description By people.
                     */
                    human: number;
                    /**
                     * Format: int64
                     * @description By robots: those that preview links, crawlers, programs.
                     */
                    bots: number;
                }[];
                /** @description By the channel of the link. */
                channels: {
                    /** @enum {unknown} */
                    channel: "x" | "facebook" | "telegram" | "whatsapp" | "linkedin" | "reddit" | "bluesky" | "threads" | "email" | "copy" | "qr" | "other";
                    /**
                     * Format: int64
                     * @description By people.
                     */
                    human: number;
                    /**
                     * Format: int64
                     * @description By robots: those that preview links, crawlers, programs.
                     */
                    bots: number;
                }[];
            };
        };
        /**
         * @description A curated, ordered list of stories.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "slug": "world-news",
         *       "titles": {
         *         "en": "The most important world news",
         *         "ru": "Самые важные новости мира"
         *       },
         *       "size": 10,
         *       "tail": {
         *         "tag": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
         *       },
         *       "items": [
         *         {
         *           "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *           "pinnedUntil": "2026-11-21T06:00:00.000Z"
         *         }
         *       ],
         *       "version": 1,
         *       "createdAt": "2026-11-20T08:15:00.000Z",
         *       "updatedAt": "2026-11-20T08:15:00.000Z"
         *     }
         */
        List: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug: string;
            /** @description The title in each locale. */
            titles: {
                [key: string]: string;
            };
            /**
             * Format: int32
             * @description How many stories readers get at most.
             */
            size: number;
            /** @description What it is filled up with to its size: the newest stories of a tag, or of all. null: nothing. */
            tail: {
                /** @description A tag; null: of all there are. */
                tag: string | null;
            } | null;
            /** @description In their order, with those whose time is over. */
            items: {
                /**
                 * Format: uuid
                 * @description A UUID, version 7.
                 */
                storyId: string;
                /** @description When it leaves the list (exclusive); null: it stays. */
                pinnedUntil: string | null;
            }[];
            /**
             * Format: int32
             * @description Grows by one with each change; the ETag.
             */
            version: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        /**
         * @description A list without its items.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "slug": "world-news",
         *       "titles": {
         *         "en": "The most important world news",
         *         "ru": "Самые важные новости мира"
         *       },
         *       "size": 10,
         *       "tail": {
         *         "tag": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
         *       },
         *       "itemCount": 1,
         *       "version": 1,
         *       "createdAt": "2026-11-20T08:15:00.000Z",
         *       "updatedAt": "2026-11-20T08:15:00.000Z"
         *     }
         */
        ListSummary: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug: string;
            /** @description The title in each locale. */
            titles: {
                [key: string]: string;
            };
            /**
             * Format: int32
             * @description How many stories readers get at most.
             */
            size: number;
            /** @description What it is filled up with to its size: the newest stories of a tag, or of all. null: nothing. */
            tail: {
                /** @description A tag; null: of all there are. */
                tag: string | null;
            } | null;
            /** Format: int32 */
            itemCount: number;
            /**
             * Format: int32
             * @description Grows by one with each change; the ETag.
             */
            version: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        /**
         * @example {
         *       "titles": {
         *         "en": "The most important world news",
         *         "ru": "Самые важные новости мира"
         *       },
         *       "size": 10,
         *       "tail": {
         *         "tag": null
         *       }
         *     }
         */
        NewList: {
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug?: string;
            /** @description The title in each locale. */
            titles: {
                [key: string]: string;
            };
            /**
             * Format: int32
             * @description How many stories readers get at most.
             */
            size: number;
            /** @description What it is filled up with to its size: the newest stories of a tag, or of all. null: nothing. */
            tail?: {
                /** @description A tag; null: of all there are. */
                tag: string | null;
            } | null;
        };
        /**
         * @description A JSON merge patch: titles merge, a locale set to null is removed; `tail` is replaced whole.
         * @example {
         *       "titles": {
         *         "hy": "Աշխարհի ամենակարևոր լուրերը"
         *       }
         *     }
         */
        ListPatch: {
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug?: string;
            titles?: {
                [key: string]: string | null;
            };
            /**
             * Format: int32
             * @description How many stories readers get at most.
             */
            size?: number;
            /** @description What it is filled up with to its size: the newest stories of a tag, or of all. null: nothing. */
            tail?: {
                /** @description A tag; null: of all there are. */
                tag: string | null;
            } | null;
        };
        /**
         * @example {
         *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *       "pinnedUntil": "2026-11-21T06:00:00.000Z"
         *     }
         */
        ListItemInput: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            storyId: string;
            pinnedUntil?: string | null;
        };
        /**
         * @description The stories of a list, in their order.
         * @example [
         *       {
         *         "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *         "pinnedUntil": "2026-11-21T06:00:00.000Z"
         *       }
         *     ]
         */
        ListItems: components["schemas"]["ListItemInput"][];
        /**
         * @description What a front end in one locale needs besides the stories.
         * @example {
         *       "locale": "en",
         *       "isDefault": true,
         *       "articleUrl": "https://news.example/{locale}/{slug}",
         *       "fallbacks": [],
         *       "name": "The Harbour Record",
         *       "tagline": "News from the coast",
         *       "timeZone": "Europe/Riga",
         *       "navigation": [
         *         {
         *           "label": "World",
         *           "url": "/en/world"
         *         }
         *       ],
         *       "networks": [
         *         {
         *           "network": "youtube",
         *           "label": "Follow us on YouTube",
         *           "url": "https://www.youtube.com/@harbour-record"
         *         }
         *       ],
         *       "apps": [],
         *       "shareChannels": [
         *         "x",
         *         "facebook",
         *         "telegram",
         *         "whatsapp",
         *         "linkedin",
         *         "reddit",
         *         "bluesky",
         *         "threads",
         *         "email"
         *       ],
         *       "terms": {
         *         "text": "Any use of materials is allowed only with a hyperlink to {link}.",
         *         "link": {
         *           "label": "The Harbour Record",
         *           "url": "https://news.example/"
         *         }
         *       },
         *       "copyright": "© {year} The Harbour Record",
         *       "strings": {},
         *       "version": 3,
         *       "updatedAt": "2026-11-20T08:15:00.000Z"
         *     }
         */
        Site: {
            /** @description A BCP 47 language tag in canonical case: `en`, `pt-BR`, `zh-Hant`. */
            locale: string;
            /** @description Whether this is the locale given to those who name none. Setting it takes it from the one before. */
            isDefault: boolean;
            /** @description Address of an article on your front end, with `{slug}` and, if you like, `{locale}`. Admins only. */
            articleUrl: string;
            /** @description Locales to look in, in order, when a text is not there in this one. */
            fallbacks: string[];
            name: string;
            tagline: string;
            /** @description An IANA time zone, such as `Europe/Riga`, for showing dates. */
            timeZone: string;
            navigation: {
                label: string;
                url: string;
            }[];
            /** @description Where readers can follow. */
            networks: {
                /** @enum {unknown} */
                network: "youtube" | "telegram" | "x" | "facebook" | "instagram" | "whatsapp" | "linkedin" | "reddit" | "bluesky" | "threads" | "tiktok" | "vk" | "mastodon" | "rss" | "other";
                label: string;
                /** Format: uri */
                url: string;
            }[];
            apps: {
                /** @enum {unknown} */
                store: "app_store" | "google_play" | "huawei_appgallery" | "rustore" | "other";
                label: string;
                /** Format: uri */
                url: string;
            }[];
            /** @description The networks a share bar shows, in this order. Each article has a share link for each of them from its first publication on; a channel added here is given its links at once. Locales without a site follow the default one. */
            shareChannels: ("x" | "facebook" | "telegram" | "whatsapp" | "linkedin" | "reddit" | "bluesky" | "threads" | "email")[];
            terms: {
                text: string;
                link: {
                    label: string;
                    url: string;
                };
            } | null;
            /** @description `{year}` becomes the present year. */
            copyright: string;
            /** @description Reader-facing strings that differ from the defaults of the locale. */
            strings: {
                /** @description How often it was read; `{count}` is the number. */
                views?: string;
                /** @description Above the share buttons. */
                sharePrompt?: string;
                /** @description The button that copies the address. */
                copyLink?: string;
                /** @description Said when it was copied. */
                linkCopied?: string;
                /** @description The button that passes it on by e-mail. */
                email?: string;
                /** @description Title of the curated list. */
                topStories?: string;
                /** @description Title of the newest stories. */
                latestNews?: string;
                /** @description Title of stories like this one. */
                relatedStories?: string;
                /** @description Label of the credited source. */
                source?: string;
                /** @description Credit within a sentence; `{source}` is its name. */
                sourceReports?: string;
                /** @description Label of the time of publication. */
                publishedAt?: string;
                /** @description Label of the time of the last change. */
                updatedAt?: string;
                /** @description Label of a correction. */
                correction?: string;
                /** @description Before the author. */
                by?: string;
                /** @description Label of the tags. */
                tags?: string;
                /** @description Title of the network links. */
                followUs?: string;
                /** @description Title of the app links. */
                getTheApp?: string;
                /** @description Label of the search box. */
                search?: string;
                /** @description When a search or list is empty. */
                nothingFound?: string;
                /** @description The button for the next page. */
                loadMore?: string;
                /** @description Link to the front page. */
                home?: string;
                /** @description Name of the navigation, for screen readers. */
                navigation?: string;
                /** @description Label of the language switch. */
                languages?: string;
                /** @description When there is no such page. */
                notFound?: string;
                /** @description When a story was taken down. */
                gone?: string;
            };
            /**
             * Format: int32
             * @description 0 = not set up yet; the first PATCH sends `If-Match: "0"`.
             */
            version: number;
            updatedAt: string | null;
        };
        /**
         * @description A JSON merge patch: strings merge (null = the default again), arrays are replaced whole.
         * @example {
         *       "tagline": "News from the coast and the islands"
         *     }
         */
        SitePatch: {
            /** @description Whether this is the locale given to those who name none. Setting it takes it from the one before. */
            isDefault?: boolean;
            /** @description Address of an article on your front end, with `{slug}` and, if you like, `{locale}`. Admins only. */
            articleUrl?: string;
            /** @description Locales to look in, in order, when a text is not there in this one. */
            fallbacks?: string[];
            name?: string;
            tagline?: string;
            /** @description An IANA time zone, such as `Europe/Riga`, for showing dates. */
            timeZone?: string;
            navigation?: {
                label: string;
                url: string;
            }[];
            /** @description Where readers can follow. */
            networks?: {
                /** @enum {unknown} */
                network: "youtube" | "telegram" | "x" | "facebook" | "instagram" | "whatsapp" | "linkedin" | "reddit" | "bluesky" | "threads" | "tiktok" | "vk" | "mastodon" | "rss" | "other";
                label: string;
                /** Format: uri */
                url: string;
            }[];
            apps?: {
                /** @enum {unknown} */
                store: "app_store" | "google_play" | "huawei_appgallery" | "rustore" | "other";
                label: string;
                /** Format: uri */
                url: string;
            }[];
            /** @description The networks a share bar shows, in this order. Each article has a share link for each of them from its first publication on; a channel added here is given its links at once. Locales without a site follow the default one. */
            shareChannels?: ("x" | "facebook" | "telegram" | "whatsapp" | "linkedin" | "reddit" | "bluesky" | "threads" | "email")[];
            terms?: {
                text: string;
                link: {
                    label: string;
                    url: string;
                };
            } | null;
            /** @description `{year}` becomes the present year. */
            copyright?: string;
            strings?: {
                views?: string | null;
                sharePrompt?: string | null;
                copyLink?: string | null;
                linkCopied?: string | null;
                email?: string | null;
                topStories?: string | null;
                latestNews?: string | null;
                relatedStories?: string | null;
                source?: string | null;
                sourceReports?: string | null;
                publishedAt?: string | null;
                updatedAt?: string | null;
                correction?: string | null;
                by?: string | null;
                tags?: string | null;
                followUs?: string | null;
                getTheApp?: string | null;
                search?: string | null;
                nothingFound?: string | null;
                loadMore?: string | null;
                home?: string | null;
                navigation?: string | null;
                languages?: string | null;
                notFound?: string | null;
                gone?: string | null;
            };
        };
        /**
         * @description What a share bar needs, in the language of the article.
         * @example {
         *       "prompt": "Liked the story? Share it on social media!",
         *       "copy": {
         *         "label": "Copy link",
         *         "url": "http://localhost:3000/s/k7m3xw9p",
         *         "done": "Link copied"
         *       },
         *       "networks": [
         *         {
         *           "channel": "facebook",
         *           "label": "Facebook",
         *           "url": "https://www.facebook.com/sharer/sharer.php?u=http%3A%2F%2Flocalhost%3A3000%2Fs%2Fb5n8fq2t"
         *         }
         *       ],
         *       "qr": "http://localhost:3000/s/d4h9rk6v/qr.svg"
         *     }
         */
        ShareBar: {
            /** @description Above the buttons. */
            prompt: string;
            copy: {
                /** @description On the button that copies. */
                label: string;
                /** @description What it copies: the short address; the article’s own where there is none. */
                url: string;
                /** @description Said when it was copied. */
                done: string;
            };
            /** @description In the order of the site’s `shareChannels`. */
            networks: {
                /** @enum {unknown} */
                channel: "x" | "facebook" | "telegram" | "whatsapp" | "linkedin" | "reddit" | "bluesky" | "threads" | "email";
                label: string;
                /** @description The network’s page for sharing, with the short address filled in. */
                url: string;
            }[];
            /** @description The QR code as SVG; null where its link leads nowhere right now. */
            qr: string | null;
        };
        /** @description What the front end says in its own voice. */
        ReaderStrings: {
            /** @description How often it was read; `{count}` is the number. */
            views: string;
            /** @description Above the share buttons. */
            sharePrompt: string;
            /** @description The button that copies the address. */
            copyLink: string;
            /** @description Said when it was copied. */
            linkCopied: string;
            /** @description The button that passes it on by e-mail. */
            email: string;
            /** @description Title of the curated list. */
            topStories: string;
            /** @description Title of the newest stories. */
            latestNews: string;
            /** @description Title of stories like this one. */
            relatedStories: string;
            /** @description Label of the credited source. */
            source: string;
            /** @description Credit within a sentence; `{source}` is its name. */
            sourceReports: string;
            /** @description Label of the time of publication. */
            publishedAt: string;
            /** @description Label of the time of the last change. */
            updatedAt: string;
            /** @description Label of a correction. */
            correction: string;
            /** @description Before the author. */
            by: string;
            /** @description Label of the tags. */
            tags: string;
            /** @description Title of the network links. */
            followUs: string;
            /** @description Title of the app links. */
            getTheApp: string;
            /** @description Label of the search box. */
            search: string;
            /** @description When a search or list is empty. */
            nothingFound: string;
            /** @description The button for the next page. */
            loadMore: string;
            /** @description Link to the front page. */
            home: string;
            /** @description Name of the navigation, for screen readers. */
            navigation: string;
            /** @description Label of the language switch. */
            languages: string;
            /** @description When there is no such page. */
            notFound: string;
            /** @description When a story was taken down. */
            gone: string;
        };
        ContentTagRef: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /** @enum {unknown} */
            kind: "topic" | "person" | "organisation" | "place" | "section" | "series";
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug: string;
            name: string;
            /** @description The locale `name` is in. */
            locale: string;
        };
        ContentAuthorRef: {
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug: string;
            name: string;
        };
        /** @description The outside source credited. */
        ContentSource: {
            name: string;
            /** Format: uri */
            url: string;
        };
        /**
         * @description A live article in a list.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *       "locale": "en",
         *       "slug": "ferry-line-reopens",
         *       "url": "https://news.example/en/ferry-line-reopens",
         *       "headline": "Ferry line reopens after two winters",
         *       "kicker": "Coast",
         *       "standfirst": "The first boat left with forty passengers and a dog.",
         *       "authors": [
         *         {
         *           "slug": "maya-lindqvist",
         *           "name": "Maya Lindqvist"
         *         }
         *       ],
         *       "source": null,
         *       "tags": [
         *         {
         *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12",
         *           "kind": "topic",
         *           "slug": "shipping",
         *           "name": "Shipping",
         *           "locale": "en"
         *         }
         *       ],
         *       "image": null,
         *       "dateline": "Port Ansel",
         *       "breaking": false,
         *       "accessibleForFree": true,
         *       "sensitive": false,
         *       "wordCount": 312,
         *       "seo": {
         *         "title": null,
         *         "description": null,
         *         "canonicalUrl": null
         *       },
         *       "rights": null,
         *       "corrections": [],
         *       "publishedAt": "2026-11-20T08:15:00.000Z",
         *       "updatedAt": "2026-11-20T08:15:00.000Z"
         *     }
         */
        ContentArticleItem: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            storyId: string;
            /** @description The locale this is in. */
            locale: string;
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug: string;
            /** @description Its address on the front end. */
            url: string;
            headline: string;
            kicker: string;
            standfirst: string;
            authors: components["schemas"]["ContentAuthorRef"][];
            source: components["schemas"]["ContentSource"] | null;
            /** @description In their order; the first is the primary one. */
            tags: components["schemas"]["ContentTagRef"][];
            image: components["schemas"]["Picture"] | null;
            dateline: string;
            breaking: boolean;
            accessibleForFree: boolean;
            sensitive: boolean;
            /** Format: int64 */
            wordCount: number;
            seo: {
                title: string | null;
                description: string | null;
                canonicalUrl: string | null;
            };
            rights: {
                licence: string | null;
                notice: string | null;
            } | null;
            /** @description What was put right, earliest first. */
            corrections: {
                /** Format: date-time */
                at: string;
                text: string;
            }[];
            /**
             * Format: date-time
             * @description When it was first ever live.
             */
            publishedAt: string;
            /**
             * Format: date-time
             * @description When what is read now went live; minor changes do not count.
             */
            updatedAt: string;
        };
        /**
         * @description A live article.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *       "locale": "en",
         *       "slug": "ferry-line-reopens",
         *       "url": "https://news.example/en/ferry-line-reopens",
         *       "headline": "Ferry line reopens after two winters",
         *       "kicker": "Coast",
         *       "standfirst": "The first boat left with forty passengers and a dog.",
         *       "authors": [
         *         {
         *           "slug": "maya-lindqvist",
         *           "name": "Maya Lindqvist"
         *         }
         *       ],
         *       "source": null,
         *       "tags": [
         *         {
         *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12",
         *           "kind": "topic",
         *           "slug": "shipping",
         *           "name": "Shipping",
         *           "locale": "en"
         *         }
         *       ],
         *       "image": null,
         *       "dateline": "Port Ansel",
         *       "breaking": false,
         *       "accessibleForFree": true,
         *       "sensitive": false,
         *       "wordCount": 312,
         *       "seo": {
         *         "title": null,
         *         "description": null,
         *         "canonicalUrl": null
         *       },
         *       "rights": null,
         *       "corrections": [],
         *       "publishedAt": "2026-11-20T08:15:00.000Z",
         *       "updatedAt": "2026-11-20T08:15:00.000Z",
         *       "body": {
         *         "html": "<p>The first boat left at six.</p>"
         *       },
         *       "translations": []
         *     }
         */
        ContentArticle: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            storyId: string;
            /** @description The locale this is in. */
            locale: string;
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug: string;
            /** @description Its address on the front end. */
            url: string;
            headline: string;
            kicker: string;
            standfirst: string;
            authors: components["schemas"]["ContentAuthorRef"][];
            source: components["schemas"]["ContentSource"] | null;
            /** @description In their order; the first is the primary one. */
            tags: components["schemas"]["ContentTagRef"][];
            image: components["schemas"]["Picture"] | null;
            dateline: string;
            breaking: boolean;
            accessibleForFree: boolean;
            sensitive: boolean;
            /** Format: int64 */
            wordCount: number;
            seo: {
                title: string | null;
                description: string | null;
                canonicalUrl: string | null;
            };
            rights: {
                licence: string | null;
                notice: string | null;
            } | null;
            /** @description What was put right, earliest first. */
            corrections: {
                /** Format: date-time */
                at: string;
                text: string;
            }[];
            /**
             * Format: date-time
             * @description When it was first ever live.
             */
            publishedAt: string;
            /**
             * Format: date-time
             * @description When what is read now went live; minor changes do not count.
             */
            updatedAt: string;
            body: {
                /** @description Safe to print as it is. */
                html?: string;
                blocks?: components["schemas"]["Block"][];
                markdown?: string;
                text?: string;
            };
            /** @description The same story, live in other locales. */
            translations: {
                locale: string;
                /** @description Lower-case letters a-z, digits and single hyphens. */
                slug: string;
                url: string;
            }[];
            /** @description With `include=jsonld`: a schema.org NewsArticle as text, ready to be printed as it is into a script element of the type `application/ld+json`. */
            jsonld?: string;
            share?: components["schemas"]["ShareBar"];
            /** @description With `include=related`: live articles in its language that share tags with it, those with most in common first. A tag counts the more the fewer articles have it (from 1,000 on all count alike), the primary tag of this article twice; of what counts alike, the newest come first. Looks at the newest 300 of each tag. */
            related?: components["schemas"]["ContentArticleItem"][];
        };
        /**
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12",
         *       "kind": "topic",
         *       "slug": "shipping",
         *       "name": "Shipping",
         *       "description": null,
         *       "locale": "en",
         *       "parent": null,
         *       "articleCount": 12
         *     }
         */
        ContentTag: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /** @enum {unknown} */
            kind: "topic" | "person" | "organisation" | "place" | "section" | "series";
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug: string;
            name: string;
            description: string | null;
            /** @description The locale `name` is in. */
            locale: string;
            parent: {
                /** @description Lower-case letters a-z, digits and single hyphens. */
                slug: string;
                name: string;
            } | null;
            /**
             * Format: int64
             * @description Live articles in the locale asked for.
             */
            articleCount: number;
        };
        /**
         * @description What a front end in one locale needs besides the stories.
         * @example {
         *       "locale": "en",
         *       "direction": "ltr",
         *       "name": "The Harbour Record",
         *       "tagline": "News from the coast",
         *       "timeZone": "Europe/Riga",
         *       "navigation": [
         *         {
         *           "label": "World",
         *           "url": "/en/world"
         *         }
         *       ],
         *       "networks": [
         *         {
         *           "network": "youtube",
         *           "label": "Follow us on YouTube",
         *           "url": "https://www.youtube.com/@harbour-record"
         *         }
         *       ],
         *       "apps": [],
         *       "terms": {
         *         "text": "Any use of materials is allowed only with a hyperlink to {link}.",
         *         "link": {
         *           "label": "The Harbour Record",
         *           "url": "https://news.example/"
         *         }
         *       },
         *       "copyright": "© 2026 The Harbour Record",
         *       "strings": {
         *         "views": "Views: {count}",
         *         "sharePrompt": "Liked the story? Share it on social media!",
         *         "copyLink": "Copy link",
         *         "linkCopied": "Link copied",
         *         "email": "Email",
         *         "topStories": "The most important world news",
         *         "latestNews": "Latest news",
         *         "relatedStories": "Read also",
         *         "source": "Source",
         *         "sourceReports": "{source} reports",
         *         "publishedAt": "Published",
         *         "updatedAt": "Updated",
         *         "correction": "Correction",
         *         "by": "By",
         *         "tags": "Tags",
         *         "followUs": "Follow us",
         *         "getTheApp": "Get the app",
         *         "search": "Search",
         *         "nothingFound": "Nothing found",
         *         "loadMore": "Show more",
         *         "home": "Home",
         *         "navigation": "Sections",
         *         "languages": "Languages",
         *         "notFound": "There is no such page",
         *         "gone": "This story has been taken down"
         *       },
         *       "locales": [
         *         {
         *           "locale": "en",
         *           "name": "The Harbour Record",
         *           "isDefault": true
         *         }
         *       ]
         *     }
         */
        ContentSite: {
            locale: string;
            /** @enum {unknown} */
            direction: "ltr" | "rtl";
            name: string;
            tagline: string;
            timeZone: string;
            navigation: {
                label: string;
                url: string;
            }[];
            networks: {
                network: string;
                label: string;
                url: string;
            }[];
            apps: {
                store: string;
                label: string;
                url: string;
            }[];
            terms: {
                text: string;
                link: {
                    label: string;
                    url: string;
                };
            } | null;
            /** @description With the present year. */
            copyright: string;
            strings: components["schemas"]["ReaderStrings"];
            /** @description All sites there are, for a language switch. */
            locales: {
                locale: string;
                name: string;
                isDefault: boolean;
            }[];
        };
        /**
         * @description A live article in a list, with the members that were asked for with `fields` and `include`, and no other.
         * @example {
         *       "slug": "ferry-line-reopens",
         *       "headline": "Ferry line reopens after two winters",
         *       "tags": [
         *         {
         *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12",
         *           "kind": "topic",
         *           "slug": "shipping",
         *           "name": "Shipping",
         *           "locale": "en"
         *         }
         *       ]
         *     }
         */
        ContentArticleItemPart: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id?: string;
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            storyId?: string;
            /** @description The locale this is in. */
            locale?: string;
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug?: string;
            /** @description Its address on the front end. */
            url?: string;
            headline?: string;
            kicker?: string;
            standfirst?: string;
            authors?: components["schemas"]["ContentAuthorRef"][];
            source?: components["schemas"]["ContentSource"] | null;
            /** @description In their order; the first is the primary one. */
            tags?: components["schemas"]["ContentTagRef"][];
            image?: components["schemas"]["Picture"] | null;
            dateline?: string;
            breaking?: boolean;
            accessibleForFree?: boolean;
            sensitive?: boolean;
            /** Format: int64 */
            wordCount?: number;
            seo?: {
                title: string | null;
                description: string | null;
                canonicalUrl: string | null;
            };
            rights?: {
                licence: string | null;
                notice: string | null;
            } | null;
            /** @description What was put right, earliest first. */
            corrections?: {
                /** Format: date-time */
                at: string;
                text: string;
            }[];
            /**
             * Format: date-time
             * @description When it was first ever live.
             */
            publishedAt?: string;
            /**
             * Format: date-time
             * @description When what is read now went live; minor changes do not count.
             */
            updatedAt?: string;
        };
        /**
         * @description A page of live articles.
         * @example {
         *       "data": [
         *         {
         *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *           "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *           "locale": "en",
         *           "slug": "ferry-line-reopens",
         *           "url": "https://news.example/en/ferry-line-reopens",
         *           "headline": "Ferry line reopens after two winters",
         *           "kicker": "Coast",
         *           "standfirst": "The first boat left with forty passengers and a dog.",
         *           "authors": [
         *             {
         *               "slug": "maya-lindqvist",
         *               "name": "Maya Lindqvist"
         *             }
         *           ],
         *           "source": null,
         *           "tags": [
         *             {
         *               "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12",
         *               "kind": "topic",
         *               "slug": "shipping",
         *               "name": "Shipping",
         *               "locale": "en"
         *             }
         *           ],
         *           "image": null,
         *           "dateline": "Port Ansel",
         *           "breaking": false,
         *           "accessibleForFree": true,
         *           "sensitive": false,
         *           "wordCount": 312,
         *           "seo": {
         *             "title": null,
         *             "description": null,
         *             "canonicalUrl": null
         *           },
         *           "rights": null,
         *           "corrections": [],
         *           "publishedAt": "2026-11-20T08:15:00.000Z",
         *           "updatedAt": "2026-11-20T08:15:00.000Z"
         *         }
         *       ],
         *       "page": {
         *         "limit": 20,
         *         "hasMore": false,
         *         "next": null,
         *         "prev": null
         *       }
         *     }
         */
        ContentArticleItems: {
            data: components["schemas"]["ContentArticleItem"][];
            page: components["schemas"]["Page"];
        };
        /** @description The same when `fields` was given. */
        ContentArticleItemParts: {
            data: components["schemas"]["ContentArticleItemPart"][];
            page: components["schemas"]["Page"];
        };
        /**
         * @description What is read most.
         * @example {
         *       "data": [
         *         {
         *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *           "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *           "locale": "en",
         *           "slug": "ferry-line-reopens",
         *           "url": "https://news.example/en/ferry-line-reopens",
         *           "headline": "Ferry line reopens after two winters",
         *           "kicker": "Coast",
         *           "standfirst": "The first boat left with forty passengers and a dog.",
         *           "authors": [
         *             {
         *               "slug": "maya-lindqvist",
         *               "name": "Maya Lindqvist"
         *             }
         *           ],
         *           "source": null,
         *           "tags": [
         *             {
         *               "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12",
         *               "kind": "topic",
         *               "slug": "shipping",
         *               "name": "Shipping",
         *               "locale": "en"
         *             }
         *           ],
         *           "image": null,
         *           "dateline": "Port Ansel",
         *           "breaking": false,
         *           "accessibleForFree": true,
         *           "sensitive": false,
         *           "wordCount": 312,
         *           "seo": {
         *             "title": null,
         *             "description": null,
         *             "canonicalUrl": null
         *           },
         *           "rights": null,
         *           "corrections": [],
         *           "publishedAt": "2026-11-20T08:15:00.000Z",
         *           "updatedAt": "2026-11-20T08:15:00.000Z"
         *         }
         *       ],
         *       "computedAt": "2026-11-20T12:00:00.000Z",
         *       "window": "24h"
         *     }
         */
        ContentTrending: {
            /** @description Most read first. */
            data: components["schemas"]["ContentArticleItem"][];
            /**
             * Format: date-time
             * @description When the views were counted.
             */
            computedAt: string;
            /** @enum {unknown} */
            window: "1h" | "24h" | "7d";
        };
        /**
         * @example {
         *       "slug": "maya-lindqvist",
         *       "name": "Maya Lindqvist",
         *       "bio": "Maya Lindqvist writes about ports and the people in them.",
         *       "locale": "en",
         *       "image": null,
         *       "links": [
         *         {
         *           "label": "Mastodon",
         *           "url": "https://mastodon.example/@maya"
         *         }
         *       ],
         *       "articleCount": 12
         *     }
         */
        ContentAuthor: {
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug: string;
            name: string;
            bio: string | null;
            /** @description The locale `bio` is in; null when there is none. */
            locale: string | null;
            image: components["schemas"]["Picture"] | null;
            links: {
                label: string;
                /** Format: uri */
                url: string;
            }[];
            /**
             * Format: int64
             * @description Live articles in the locale asked for.
             */
            articleCount: number;
        };
        /**
         * @description A curated list of live articles.
         * @example {
         *       "slug": "world-news",
         *       "title": "The most important world news",
         *       "locale": "en",
         *       "data": [
         *         {
         *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *           "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *           "locale": "en",
         *           "slug": "ferry-line-reopens",
         *           "url": "https://news.example/en/ferry-line-reopens",
         *           "headline": "Ferry line reopens after two winters",
         *           "kicker": "Coast",
         *           "standfirst": "The first boat left with forty passengers and a dog.",
         *           "authors": [
         *             {
         *               "slug": "maya-lindqvist",
         *               "name": "Maya Lindqvist"
         *             }
         *           ],
         *           "source": null,
         *           "tags": [
         *             {
         *               "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12",
         *               "kind": "topic",
         *               "slug": "shipping",
         *               "name": "Shipping",
         *               "locale": "en"
         *             }
         *           ],
         *           "image": null,
         *           "dateline": "Port Ansel",
         *           "breaking": false,
         *           "accessibleForFree": true,
         *           "sensitive": false,
         *           "wordCount": 312,
         *           "seo": {
         *             "title": null,
         *             "description": null,
         *             "canonicalUrl": null
         *           },
         *           "rights": null,
         *           "corrections": [],
         *           "publishedAt": "2026-11-20T08:15:00.000Z",
         *           "updatedAt": "2026-11-20T08:15:00.000Z"
         *         }
         *       ]
         *     }
         */
        ContentList: {
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug: string;
            /** @description In the locale; null when it has none in it. */
            title: string | null;
            /** @description The locale of all of it. */
            locale: string;
            data: components["schemas"]["ContentArticleItem"][];
        };
        /**
         * @description A live article that was found.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *       "locale": "en",
         *       "slug": "ferry-line-reopens",
         *       "url": "https://news.example/en/ferry-line-reopens",
         *       "headline": "Ferry line reopens after two winters",
         *       "kicker": "Coast",
         *       "standfirst": "The first boat left with forty passengers and a dog.",
         *       "authors": [
         *         {
         *           "slug": "maya-lindqvist",
         *           "name": "Maya Lindqvist"
         *         }
         *       ],
         *       "source": null,
         *       "tags": [
         *         {
         *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12",
         *           "kind": "topic",
         *           "slug": "shipping",
         *           "name": "Shipping",
         *           "locale": "en"
         *         }
         *       ],
         *       "image": null,
         *       "dateline": "Port Ansel",
         *       "breaking": false,
         *       "accessibleForFree": true,
         *       "sensitive": false,
         *       "wordCount": 312,
         *       "seo": {
         *         "title": null,
         *         "description": null,
         *         "canonicalUrl": null
         *       },
         *       "rights": null,
         *       "corrections": [],
         *       "publishedAt": "2026-11-20T08:15:00.000Z",
         *       "updatedAt": "2026-11-20T08:15:00.000Z",
         *       "highlights": [
         *         {
         *           "field": "headline",
         *           "start": 0,
         *           "end": 5
         *         }
         *       ]
         *     }
         */
        ContentFound: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            storyId: string;
            /** @description The locale this is in. */
            locale: string;
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug: string;
            /** @description Its address on the front end. */
            url: string;
            headline: string;
            kicker: string;
            standfirst: string;
            authors: components["schemas"]["ContentAuthorRef"][];
            source: components["schemas"]["ContentSource"] | null;
            /** @description In their order; the first is the primary one. */
            tags: components["schemas"]["ContentTagRef"][];
            image: components["schemas"]["Picture"] | null;
            dateline: string;
            breaking: boolean;
            accessibleForFree: boolean;
            sensitive: boolean;
            /** Format: int64 */
            wordCount: number;
            seo: {
                title: string | null;
                description: string | null;
                canonicalUrl: string | null;
            };
            rights: {
                licence: string | null;
                notice: string | null;
            } | null;
            /** @description What was put right, earliest first. */
            corrections: {
                /** Format: date-time */
                at: string;
                text: string;
            }[];
            /**
             * Format: date-time
             * @description When it was first ever live.
             */
            publishedAt: string;
            /**
             * Format: date-time
             * @description When what is read now went live; minor changes do not count.
             */
            updatedAt: string;
            /** @description Where the words searched for stand, by field and from left to right. Empty when they stand in the body, or in the names of tags and authors. */
            highlights: {
                /** @enum {unknown} */
                field: "headline" | "kicker" | "standfirst" | "dateline";
                /**
                 * Format: int64
                 * @description In UTF-16 units, as JavaScript counts.
                 */
                start: number;
                /**
                 * Format: int64
                 * @description Exclusive.
                 */
                end: number;
            }[];
        };
        /**
         * @description A change of what is live.
         * @example {
         *       "id": "wJUOyCjoQp4tIcXUq4XAdVs0MTcyXQ",
         *       "type": "upsert",
         *       "article": {
         *         "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *         "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *         "locale": "en",
         *         "slug": "ferry-line-reopens"
         *       },
         *       "reason": "published",
         *       "at": "2026-11-20T08:15:00.000Z"
         *     }
         */
        Change: {
            /** @description The cursor of this change: what comes after it is read with `cursor=<id>`. */
            id: string;
            /**
             * @description `upsert`: fetch the article, it is live. `remove`: it is live no more.
             * @enum {unknown}
             */
            type: "upsert" | "remove";
            article: {
                /**
                 * Format: uuid
                 * @description A UUID, version 7.
                 */
                id: string;
                /**
                 * Format: uuid
                 * @description A UUID, version 7.
                 */
                storyId: string;
                /** @description A BCP 47 language tag in canonical case: `en`, `pt-BR`, `zh-Hant`. */
                locale: string;
                /** @description Lower-case letters a-z, digits and single hyphens. */
                slug: string;
            };
            /**
             * @description `published`: it was not live just before. `corrected`: another version took over, or somebody who signs it has another name. `tags`: its tags were merged, renamed or deleted. `ended`, `withdrawn`: it was taken down, for legal reasons or not.
             * @enum {unknown}
             */
            reason: "published" | "corrected" | "tags" | "ended" | "withdrawn";
            /**
             * Format: date-time
             * @description The moment itself, such as that of a scheduled start; not when it was noticed.
             */
            at: string;
        };
        /**
         * @description How often an article was read. 0 also when it is not there, or was never live.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "total": 69,
         *       "last24h": 12
         *     }
         */
        ContentArticleViews: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /**
             * Format: int64
             * @description All views ever counted.
             */
            total: number;
            /**
             * Format: int64
             * @description Those of the last 24 hours. Views are kept by the hour and taken to be spread evenly over it: of the hour in which the 24 hours begin a part counts, as in what is trending.
             */
            last24h: number;
        };
        /**
         * @description How often articles were read.
         * @example {
         *       "data": [
         *         {
         *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *           "total": 69,
         *           "last24h": 12
         *         }
         *       ]
         *     }
         */
        ContentViews: {
            /** @description In the order asked for. */
            data: components["schemas"]["ContentArticleViews"][];
        };
        /**
         * @description What a path is now; members that do not apply are null.
         * @example {
         *       "type": "article",
         *       "locale": "en",
         *       "slug": "ferry-line-reopens",
         *       "url": "https://news.example/en/ferry-line-reopens",
         *       "path": null
         *     }
         */
        Resolved: {
            /** @enum {unknown} */
            type: "article" | "tag" | "redirect" | "gone";
            locale: string | null;
            slug: string | null;
            url: string | null;
            path: string | null;
        };
        /**
         * @description oEmbed 1.0.
         * @example {
         *       "version": "1.0",
         *       "type": "link",
         *       "title": "Ferry line reopens after two winters",
         *       "author_name": "Maya Lindqvist",
         *       "provider_name": "The Harbour Record",
         *       "provider_url": "https://news.example/en",
         *       "cache_age": 3600
         *     }
         */
        OEmbed: {
            /** @constant */
            version: "1.0";
            /** @constant */
            type: "link";
            title: string;
            author_name?: string;
            provider_name?: string;
            /** Format: uri */
            provider_url?: string;
            /**
             * Format: int64
             * @description Seconds.
             */
            cache_age: number;
            /**
             * Format: uri
             * @description Only of a picture whose size is known and fits.
             */
            thumbnail_url?: string;
            /** Format: int64 */
            thumbnail_width?: number;
            /** Format: int64 */
            thumbnail_height?: number;
        };
        /**
         * @description JSON Feed 1.1.
         * @example {
         *       "version": "https://jsonfeed.org/version/1.1",
         *       "title": "The Harbour Record",
         *       "home_page_url": "https://news.example/en",
         *       "feed_url": "https://dateline.example/feeds/feed.json?locale=en",
         *       "description": "News from the coast",
         *       "language": "en",
         *       "authors": [
         *         {
         *           "name": "The Harbour Record",
         *           "url": "https://news.example/en"
         *         }
         *       ],
         *       "_dateline": {
         *         "rights": "© 2026 The Harbour Record"
         *       },
         *       "items": [
         *         {
         *           "id": "urn:uuid:019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *           "url": "https://news.example/en/ferry-line-reopens",
         *           "title": "Ferry line reopens after two winters",
         *           "content_text": "The first boat left with forty passengers and a dog.",
         *           "date_published": "2026-11-20T08:15:00.000Z",
         *           "date_modified": "2026-11-20T08:15:00.000Z",
         *           "authors": [
         *             {
         *               "name": "Maya Lindqvist"
         *             }
         *           ],
         *           "tags": [
         *             "Shipping"
         *           ],
         *           "language": "en",
         *           "_dateline": {
         *             "source": null,
         *             "rights": null
         *           }
         *         }
         *       ]
         *     }
         */
        JsonFeed: {
            /** @constant */
            version: "https://jsonfeed.org/version/1.1";
            title: string;
            /** Format: uri */
            home_page_url: string;
            /** Format: uri */
            feed_url: string;
            description: string;
            language: string;
            authors: {
                name: string;
                /** Format: uri */
                url?: string;
            }[];
            _dateline?: {
                /** @description The copyright line and the terms of reuse. */
                rights: string;
            };
            items: {
                /** @description A URN; stays the same whatever becomes of the address. */
                id: string;
                /** Format: uri */
                url: string;
                title: string;
                /** @description The standfirst. */
                content_text: string;
                /** Format: uri */
                image?: string;
                /** Format: date-time */
                date_published: string;
                /** Format: date-time */
                date_modified: string;
                authors?: {
                    name: string;
                    /** Format: uri */
                    url?: string;
                }[];
                tags?: string[];
                language: string;
                _dateline: {
                    source: {
                        name: string;
                        /** Format: uri */
                        url: string;
                    } | null;
                    rights: {
                        licence: string | null;
                        notice: string | null;
                    } | null;
                };
            }[];
        };
        /**
         * @description A secret, expiring link to what is not live. Its token is shown once, when it is made.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a60",
         *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "version": null,
         *       "expiresAt": "2026-11-27T08:15:00.000Z",
         *       "maxUses": 10,
         *       "uses": 0,
         *       "lastUsedAt": null,
         *       "works": true,
         *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a01",
         *       "createdAt": "2026-11-20T08:15:00.000Z",
         *       "revokedAt": null
         *     }
         */
        PreviewLink: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            articleId: string;
            /** @description The version it shows; null = the latest. */
            version: number | null;
            /** Format: date-time */
            expiresAt: string;
            maxUses: number | null;
            /**
             * Format: int64
             * @description How often it was read.
             */
            uses: number;
            lastUsedAt: string | null;
            /** @description Whether it can be read now, for all it depends on: its maker and article too. */
            works: boolean;
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            createdBy: string;
            /** Format: date-time */
            createdAt: string;
            revokedAt: string | null;
        };
        /**
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a60",
         *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "version": null,
         *       "expiresAt": "2026-11-27T08:15:00.000Z",
         *       "maxUses": 10,
         *       "uses": 0,
         *       "lastUsedAt": null,
         *       "works": true,
         *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a01",
         *       "createdAt": "2026-11-20T08:15:00.000Z",
         *       "revokedAt": null,
         *       "token": "dlp_2vYl7n1cQh0mZt5pUe2QyV1nA7sBdEJx0gHqk0mZt5p",
         *       "url": "http://localhost:3000/v1/content/previews/dlp_2vYl7n1cQh0mZt5pUe2QyV1nA7sBdEJx0gHqk0mZt5p"
         *     }
         */
        MadePreviewLink: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            articleId: string;
            /** @description The version it shows; null = the latest. */
            version: number | null;
            /** Format: date-time */
            expiresAt: string;
            maxUses: number | null;
            /**
             * Format: int64
             * @description How often it was read.
             */
            uses: number;
            lastUsedAt: string | null;
            /** @description Whether it can be read now, for all it depends on: its maker and article too. */
            works: boolean;
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            createdBy: string;
            /** Format: date-time */
            createdAt: string;
            revokedAt: string | null;
            /** @description The secret. It is kept as a hash and never shown again. */
            token: string;
            /**
             * Format: uri
             * @description Where to read: the token is its last part.
             */
            url: string;
        };
        /**
         * @example {
         *       "maxUses": 10
         *     }
         */
        NewPreviewLink: {
            /** @description Always shows this version. Left out or null, whatever is the latest. */
            version?: number | null;
            /**
             * Format: date-time
             * @description In 7 days, if absent; in 30 at most.
             */
            expiresAt?: string;
            /** @description How often it may be read. Left out or null, any number of times. */
            maxUses?: number | null;
        };
        /**
         * @description What an article would be if it were live.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *       "locale": "en",
         *       "slug": "ferry-line-reopens",
         *       "url": "https://news.example/en/ferry-line-reopens",
         *       "headline": "Ferry line reopens after two winters",
         *       "kicker": "Coast",
         *       "standfirst": "The first boat left with forty passengers and a dog.",
         *       "authors": [
         *         {
         *           "slug": "maya-lindqvist",
         *           "name": "Maya Lindqvist"
         *         }
         *       ],
         *       "source": null,
         *       "tags": [
         *         {
         *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12",
         *           "kind": "topic",
         *           "slug": "shipping",
         *           "name": "Shipping",
         *           "locale": "en"
         *         }
         *       ],
         *       "image": null,
         *       "dateline": "Port Ansel",
         *       "breaking": false,
         *       "accessibleForFree": true,
         *       "sensitive": false,
         *       "wordCount": 312,
         *       "seo": {
         *         "title": null,
         *         "description": null,
         *         "canonicalUrl": null
         *       },
         *       "rights": null,
         *       "corrections": [],
         *       "publishedAt": null,
         *       "updatedAt": null,
         *       "body": {
         *         "html": "<p>The first boat left at six.</p>"
         *       },
         *       "translations": [],
         *       "preview": {
         *         "version": 3,
         *         "expiresAt": "2026-11-27T08:15:00.000Z",
         *         "usesLeft": 9
         *       }
         *     }
         */
        ContentPreview: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            storyId: string;
            /** @description The locale this is in. */
            locale: string;
            /** @description Lower-case letters a-z, digits and single hyphens. */
            slug: string;
            /** @description Its address on the front end. */
            url: string;
            headline: string;
            kicker: string;
            standfirst: string;
            authors: components["schemas"]["ContentAuthorRef"][];
            source: components["schemas"]["ContentSource"] | null;
            /** @description In their order; the first is the primary one. */
            tags: components["schemas"]["ContentTagRef"][];
            image: components["schemas"]["Picture"] | null;
            dateline: string;
            breaking: boolean;
            accessibleForFree: boolean;
            sensitive: boolean;
            /** Format: int64 */
            wordCount: number;
            seo: {
                title: string | null;
                description: string | null;
                canonicalUrl: string | null;
            };
            rights: {
                licence: string | null;
                notice: string | null;
            } | null;
            /** @description What was put right, earliest first. */
            corrections: {
                /** Format: date-time */
                at: string;
                text: string;
            }[];
            /** @description When it was first ever live; null = never yet. */
            publishedAt: string | null;
            /** @description When what readers saw last went live; null = nothing yet. */
            updatedAt: string | null;
            body: {
                /** @description Safe to print as it is. */
                html?: string;
                blocks?: components["schemas"]["Block"][];
                markdown?: string;
                text?: string;
            };
            /** @description The same story, live in other locales. */
            translations: {
                locale: string;
                /** @description Lower-case letters a-z, digits and single hyphens. */
                slug: string;
                url: string;
            }[];
            share?: components["schemas"]["ShareBar"];
            preview: {
                /**
                 * Format: int64
                 * @description Which version this is.
                 */
                version: number;
                /** Format: date-time */
                expiresAt: string;
                /** @description How often it can still be read; null = any number of times. */
                usesLeft: number | null;
            };
        };
        /**
         * @description Where an old path leads: to a story, or to another path. One of the two is null.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a50",
         *       "path": "/2019/05/ferry-line-reopens",
         *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *       "target": null,
         *       "version": 1,
         *       "createdAt": "2026-11-20T08:15:00.000Z",
         *       "updatedAt": "2026-11-20T08:15:00.000Z"
         *     }
         */
        Redirect: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            path: string;
            storyId: string | null;
            target: string | null;
            /**
             * Format: int32
             * @description Grows by one with each change; the ETag.
             */
            version: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        /**
         * @description Give `storyId` or `target`, and not both.
         * @example {
         *       "path": "/2019/05/ferry-line-reopens",
         *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11"
         *     }
         * @example {
         *       "path": "/?p=123",
         *       "target": "/about"
         *     }
         */
        NewRedirect: {
            /** @description The old path, with its query if that matters (`/?p=123`). Kept in one way of writing: percent-encodings only where they are needed, no slash at its end. */
            path: string;
            /** @description It leads to the live article of this story in the reader’s language. */
            storyId?: string | null;
            /** @description It leads to this other path of ours. Written in one way, as `path` is. */
            target?: string | null;
        };
        /**
         * @description A JSON merge patch. From one kind to the other, set what it had to null: one of the two must be left.
         * @example {
         *       "storyId": null,
         *       "target": "/about"
         *     }
         */
        RedirectPatch: {
            /** @description The old path, with its query if that matters (`/?p=123`). Kept in one way of writing: percent-encodings only where they are needed, no slash at its end. */
            path?: string;
            /** @description It leads to the live article of this story in the reader’s language. */
            storyId?: string | null;
            /** @description It leads to this other path of ours. Written in one way, as `path` is. */
            target?: string | null;
        };
        /**
         * @description Who did what.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a60",
         *       "at": "2026-11-20T08:15:00.000Z",
         *       "userId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "sessionId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a20",
         *       "apiKeyId": null,
         *       "action": "article.stage_moved",
         *       "resource": "article",
         *       "resourceId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *       "fields": [
         *         "stage"
         *       ],
         *       "details": {
         *         "from": "draft",
         *         "to": "in_review"
         *       },
         *       "network": "203.0.113.0/24",
         *       "requestId": "6b1f2f3e-8a57-4d0b-9d9d-2f1c6a7e4b10",
         *       "position": 1,
         *       "hash": "3f994bbc03bc9a0aedf1e2e8c5b2b9b5c683e296aa28b86c26ab3673e291a464"
         *     }
         */
        AuditEntry: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            /** Format: date-time */
            at: string;
            /** @description Null: Dateline itself, or nobody who was signed in. */
            userId: string | null;
            sessionId: string | null;
            apiKeyId: string | null;
            /** @description What was done, such as `article.published`. */
            action: string;
            /** @description A kind of thing, such as `article`; a site with its locale, `site:en`. */
            resource: string;
            resourceId: string | null;
            /** @description Names of what changed or was given. */
            fields: string[];
            /** @description Values, where they are harmless: stages, roles, moments. */
            details: {
                [key: string]: unknown;
            } | null;
            /** @description Where it was asked from: the /24 of IPv4, the /48 of IPv6. */
            network: string | null;
            /** @description `x-request-id` of the answer. */
            requestId: string | null;
            /** @description Place in the chain, without gaps; null until it is sealed, within seconds. */
            position: number | null;
            /** @description SHA-256 over the 32 bytes of the hash before it (zeros for the first) and this entry without `hash`, written as RFC 8785 says; null until it is sealed. */
            hash: string | null;
        };
        /**
         * @description What a webhook is sent.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a70",
         *       "type": "article.published",
         *       "timestamp": "2026-11-20T08:15:00.000Z",
         *       "position": 1207,
         *       "subjectId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *       "data": {
         *         "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *         "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
         *         "locale": "en",
         *         "slug": "ferry-line-reopens",
         *         "version": 3
         *       },
         *       "surrogateKeys": [
         *         "article:019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
         *         "slug:ferry-line-reopens",
         *         "all"
         *       ]
         *     }
         */
        WebhookEvent: {
            /**
             * Format: uuid
             * @description The same as the header `webhook-id`; stays the same however often it is sent.
             */
            id: string;
            /** @description What happened: `<noun>.<past participle>`. */
            type: string;
            /**
             * Format: date-time
             * @description When it happened; of what fell due on the timeline, the moment itself.
             */
            timestamp: string;
            /**
             * Format: int64
             * @description Its place among all events. Deliveries may come in another order: of two about one thing, the higher one is the later.
             */
            position: number;
            /** @description What it is about. */
            subjectId: string | null;
            /** @description What there is to say of it; more members may come with later versions. */
            data: {
                [key: string]: unknown;
            };
            /** @description What of the `surrogate-key` headers shows something else since then: purge a CDN by these. `all` is always among them where there is any. */
            surrogateKeys: string[];
        };
        /**
         * @description Whom events are sent to.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a71",
         *       "url": "https://hooks.news.example/dateline",
         *       "events": [
         *         "article.*",
         *         "site.updated"
         *       ],
         *       "description": "Purges the CDN",
         *       "enabled": true,
         *       "disabledReason": null,
         *       "version": 1,
         *       "createdAt": "2026-11-20T08:15:00.000Z",
         *       "updatedAt": "2026-11-20T08:15:00.000Z"
         *     }
         */
        Webhook: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            url: string;
            events: string[];
            /** @description For people. */
            description: string;
            /** @description True for a new one, if absent. Of what happens while it is disabled it is sent nothing, unless that is replayed. */
            enabled: boolean;
            /** @description Why Dateline disabled it: its receiver answered 410, or an event was tried ten times in vain. Null when Dateline did not. */
            disabledReason: ("gone" | "exhausted") | null;
            /**
             * Format: int32
             * @description Grows by one with each change; the ETag.
             */
            version: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        /**
         * @description A webhook with its new secret.
         * @example {
         *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a71",
         *       "url": "https://hooks.news.example/dateline",
         *       "events": [
         *         "article.*",
         *         "site.updated"
         *       ],
         *       "description": "Purges the CDN",
         *       "enabled": true,
         *       "disabledReason": null,
         *       "version": 1,
         *       "createdAt": "2026-11-20T08:15:00.000Z",
         *       "updatedAt": "2026-11-20T08:15:00.000Z",
         *       "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
         *     }
         */
        MadeWebhook: {
            /**
             * Format: uuid
             * @description A UUID, version 7.
             */
            id: string;
            url: string;
            events: string[];
            /** @description For people. */
            description: string;
            /** @description True for a new one, if absent. Of what happens while it is disabled it is sent nothing, unless that is replayed. */
            enabled: boolean;
            /** @description Why Dateline disabled it: its receiver answered 410, or an event was tried ten times in vain. Null when Dateline did not. */
            disabledReason: ("gone" | "exhausted") | null;
            /**
             * Format: int32
             * @description Grows by one with each change; the ETag.
             */
            version: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /** @description What to verify signatures with: kept sealed and never shown again. */
            secret: string;
        };
        /**
         * @example {
         *       "url": "https://hooks.news.example/dateline",
         *       "events": [
         *         "article.*",
         *         "site.updated"
         *       ],
         *       "description": "Purges the CDN"
         *     }
         */
        NewWebhook: {
            /**
             * Format: uri
             * @description Where events are sent, by POST. Only addresses of the public internet, and of the networks in `WEBHOOK_ALLOW`: checked now, and again at each connection. Redirects are not followed.
             */
            url: string;
            /** @description Which events it is sent: types, `article.*` for all of a kind, `*` for all. */
            events: ("*" | "api_key.*" | "article.*" | "author.*" | "list.*" | "preview.*" | "redirect.*" | "share_link.*" | "site.*" | "tag.*" | "user.*" | "webhook.*" | "api_key.created" | "api_key.updated" | "api_key.revoked" | "article.created" | "article.edited" | "article.trashed" | "article.restored" | "article.purged" | "article.restored_revision" | "article.stage_moved" | "article.published" | "article.scheduled" | "article.rescheduled" | "article.unscheduled" | "article.ended" | "article.withdrawn" | "article.reinstated" | "author.created" | "author.updated" | "author.deleted" | "list.created" | "list.updated" | "list.deleted" | "preview.created" | "preview.revoked" | "redirect.created" | "redirect.updated" | "redirect.deleted" | "share_link.created" | "share_link.updated" | "share_link.archived" | "site.updated" | "tag.created" | "tag.updated" | "tag.merged" | "tag.deleted" | "user.created" | "user.changed" | "webhook.created" | "webhook.updated" | "webhook.deleted" | "webhook.secret_rotated" | "webhook.disabled" | "webhook.replayed" | "webhook.test")[];
            /** @description For people. */
            description?: string;
            /** @description True for a new one, if absent. Of what happens while it is disabled it is sent nothing, unless that is replayed. */
            enabled?: boolean;
        };
        /**
         * @description A JSON merge patch. Enabling it again forgets why it was disabled; what was still to be sent is sent then.
         * @example {
         *       "enabled": true
         *     }
         */
        WebhookPatch: {
            /**
             * Format: uri
             * @description Where events are sent, by POST. Only addresses of the public internet, and of the networks in `WEBHOOK_ALLOW`: checked now, and again at each connection. Redirects are not followed.
             */
            url?: string;
            /** @description Which events it is sent: types, `article.*` for all of a kind, `*` for all. */
            events?: ("*" | "api_key.*" | "article.*" | "author.*" | "list.*" | "preview.*" | "redirect.*" | "share_link.*" | "site.*" | "tag.*" | "user.*" | "webhook.*" | "api_key.created" | "api_key.updated" | "api_key.revoked" | "article.created" | "article.edited" | "article.trashed" | "article.restored" | "article.purged" | "article.restored_revision" | "article.stage_moved" | "article.published" | "article.scheduled" | "article.rescheduled" | "article.unscheduled" | "article.ended" | "article.withdrawn" | "article.reinstated" | "author.created" | "author.updated" | "author.deleted" | "list.created" | "list.updated" | "list.deleted" | "preview.created" | "preview.revoked" | "redirect.created" | "redirect.updated" | "redirect.deleted" | "share_link.created" | "share_link.updated" | "share_link.archived" | "site.updated" | "tag.created" | "tag.updated" | "tag.merged" | "tag.deleted" | "user.created" | "user.changed" | "webhook.created" | "webhook.updated" | "webhook.deleted" | "webhook.secret_rotated" | "webhook.disabled" | "webhook.replayed" | "webhook.test")[];
            /** @description For people. */
            description?: string;
            /** @description True for a new one, if absent. Of what happens while it is disabled it is sent nothing, unless that is replayed. */
            enabled?: boolean;
        };
        /**
         * @description One event on its way to one webhook. Kept for 30 days.
         * @example {
         *       "eventId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a70",
         *       "type": "article.published",
         *       "state": "failed",
         *       "attempts": [
         *         {
         *           "at": "2026-11-20T08:15:00.412Z",
         *           "status": 503,
         *           "durationMs": 38,
         *           "error": null
         *         }
         *       ],
         *       "nextAttemptAt": "2026-11-20T08:15:05.450Z",
         *       "createdAt": "2026-11-20T08:15:00.210Z"
         *     }
         */
        WebhookDelivery: {
            /**
             * Format: uuid
             * @description The id of the event, which is the `webhook-id` of each of its deliveries.
             */
            eventId: string;
            /** @description The type of the event. */
            type: string;
            /**
             * @description `pending`: not tried yet. `delivered`: answered with 2xx. `failed`: it will be tried again. `dead`: it will not.
             * @enum {unknown}
             */
            state: "pending" | "delivered" | "failed" | "dead";
            /** @description The last 50, the oldest first. */
            attempts: {
                /** Format: date-time */
                at: string;
                /** @description What the receiver answered; null when it did not. Bodies of answers are not kept. */
                status: number | null;
                /** Format: int64 */
                durationMs: number;
                /** @description Why there is no good answer, where a status does not say it. */
                error: ("address_refused" | "name_not_found" | "connection_refused" | "connection_failed" | "tls" | "timeout" | "redirect" | "secret_unreadable") | null;
            }[];
            /** @description When it is tried next, and while it is being sent, when at the latest; null = not any more. */
            nextAttemptAt: string | null;
            /** Format: date-time */
            createdAt: string;
        };
        /**
         * @example {
         *       "since": "2026-11-20T08:00:00Z",
         *       "until": "2026-11-20T10:00:00Z"
         *     }
         */
        WebhookReplay: {
            /**
             * Format: date-time
             * @description Events that happened then or later.
             */
            since: string;
            /**
             * Format: date-time
             * @description Events that happened before then; until now, if absent.
             */
            until?: string;
        };
        /**
         * @example {
         *       "deliveries": 42
         *     }
         */
        ReplayedDeliveries: {
            /**
             * Format: int64
             * @description How many events are sent again.
             */
            deliveries: number;
        };
    };
    responses: {
        /** @description The request is not valid. */
        Problem400: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/stale_version",
                 *       "title": "The thing has changed since you read it",
                 *       "status": 412,
                 *       "detail": "The current version is 8.",
                 *       "code": "stale_version",
                 *       "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                 *       "currentVersion": 8
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No valid access token or API key. */
        Problem401: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                "WWW-Authenticate": components["headers"]["Authenticate"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/stale_version",
                 *       "title": "The thing has changed since you read it",
                 *       "status": 412,
                 *       "detail": "The current version is 8.",
                 *       "code": "stale_version",
                 *       "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                 *       "currentVersion": 8
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too much was asked for from your address. */
        Problem429: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/stale_version",
                 *       "title": "The thing has changed since you read it",
                 *       "status": 412,
                 *       "detail": "The current version is 8.",
                 *       "code": "stale_version",
                 *       "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                 *       "currentVersion": 8
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Something broke on our side. */
        Problem500: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/stale_version",
                 *       "title": "The thing has changed since you read it",
                 *       "status": 412,
                 *       "detail": "The current version is 8.",
                 *       "code": "stale_version",
                 *       "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                 *       "currentVersion": 8
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not available right now. */
        Problem503: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/stale_version",
                 *       "title": "The thing has changed since you read it",
                 *       "status": 412,
                 *       "detail": "The current version is 8.",
                 *       "code": "stale_version",
                 *       "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                 *       "currentVersion": 8
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is nothing here, or nothing you may know of. */
        Problem404: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/stale_version",
                 *       "title": "The thing has changed since you read it",
                 *       "status": 412,
                 *       "detail": "The current version is 8.",
                 *       "code": "stale_version",
                 *       "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                 *       "currentVersion": 8
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is too large. */
        Problem413: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/stale_version",
                 *       "title": "The thing has changed since you read it",
                 *       "status": 412,
                 *       "detail": "The current version is 8.",
                 *       "code": "stale_version",
                 *       "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                 *       "currentVersion": 8
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description This media type is not taken. */
        Problem415: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/stale_version",
                 *       "title": "The thing has changed since you read it",
                 *       "status": 412,
                 *       "detail": "The current version is 8.",
                 *       "code": "stale_version",
                 *       "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                 *       "currentVersion": 8
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description You may not do this. */
        Problem403: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/stale_version",
                 *       "title": "The thing has changed since you read it",
                 *       "status": 412,
                 *       "detail": "The current version is 8.",
                 *       "code": "stale_version",
                 *       "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                 *       "currentVersion": 8
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It does not fit with what is there. */
        Problem409: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/stale_version",
                 *       "title": "The thing has changed since you read it",
                 *       "status": 412,
                 *       "detail": "The current version is 8.",
                 *       "code": "stale_version",
                 *       "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                 *       "currentVersion": 8
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The Idempotency-Key belongs to another request. */
        Problem422: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/stale_version",
                 *       "title": "The thing has changed since you read it",
                 *       "status": 412,
                 *       "detail": "The current version is 8.",
                 *       "code": "stale_version",
                 *       "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                 *       "currentVersion": 8
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The thing has changed since you read it. */
        Problem412: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/stale_version",
                 *       "title": "The thing has changed since you read it",
                 *       "status": 412,
                 *       "detail": "The current version is 8.",
                 *       "code": "stale_version",
                 *       "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                 *       "currentVersion": 8
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description If-Match is required. */
        Problem428: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/stale_version",
                 *       "title": "The thing has changed since you read it",
                 *       "status": 412,
                 *       "detail": "The current version is 8.",
                 *       "code": "stale_version",
                 *       "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                 *       "currentVersion": 8
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It was here and has been taken away. */
        Problem410: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/stale_version",
                 *       "title": "The thing has changed since you read it",
                 *       "status": 412,
                 *       "detail": "The current version is 8.",
                 *       "code": "stale_version",
                 *       "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                 *       "currentVersion": 8
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: {
        /**
         * @description Names this request in our logs.
         * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
         */
        RequestId: string;
        /**
         * @description The version, to be sent back in If-Match.
         * @example "3"
         */
        Version: string;
        /**
         * @description Names these very bytes, to be sent back in If-None-Match.
         * @example "Jx0gHqk0mZt5pUe2QyV1nA7sBdE"
         */
        EntityTag: string;
        /**
         * @description Who may keep this and for how long. Of content: never past the next moment at which what is live changes, and 60 s at most in a cache that is not purged.
         * @example public, max-age=0, s-maxage=30, stale-while-revalidate=30
         */
        CacheControl: string;
        /**
         * @description Whose pages may read this: `*` where anybody may; else the origin that asks, if it is one of `CORS_ORIGINS`.
         * @example *
         */
        "Access-Control-Allow-Origin": string;
        /**
         * @description Names of all that this answer shows, for purging a CDN by the `surrogateKeys` of events. `all`: too many to name.
         * @example article:019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10 addresses slug:ferry-line-reopens
         */
        SurrogateKey: string;
        /**
         * @description The locale the answer is in.
         * @example en
         */
        ContentLanguage: string;
        /**
         * @description Where the new thing is.
         * @example /v1/tags/019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
         */
        Location: string;
        /**
         * @description Seconds to wait.
         * @example 1
         */
        RetryAfter: string;
        /**
         * @description Where how often an address may ask is limited: how many (`r`) are left, for how many seconds (`t`).
         * @example "codes";r=0;t=42
         */
        RateLimit: string;
        /**
         * @description How many (`q`) are taken within how many seconds (`w`).
         * @example "codes";q=30;w=60
         */
        RateLimitPolicy: string;
        /**
         * @description How to sign in.
         * @example Bearer
         */
        Authenticate: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getOpenApi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI 3.1. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "openapi": "3.1.0",
                     *       "info": {
                     *         "title": "Dateline",
                     *         "version": "0.1.0"
                     *       },
                     *       "paths": {}
                     *     }
                     */
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listProblems: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page for people. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example <!doctype html><html lang="en"><title>stale_version</title><h1>stale_version</h1></html> */
                    "text/html": string;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getProblem: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example stale_version */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page for people. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example <!doctype html><html lang="en"><title>stale_version</title><h1>stale_version</h1></html> */
                    "text/html": string;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    isLive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ok"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        status: "ok";
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    isReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ok"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        status: "ok";
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listSessions: {
        parameters: {
            query?: {
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-7b11-7d40-8a3e-2f6f4f8b9c21",
                     *           "createdAt": "2026-11-20T08:15:00.000Z",
                     *           "lastUsedAt": "2026-11-20T09:05:00.000Z",
                     *           "expiresAt": "2026-12-20T09:05:00.000Z",
                     *           "current": true,
                     *           "device": "Firefox on Linux",
                     *           "network": "203.0.113.0/24"
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["OpenSession"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "maya@example.org",
                 *       "password": "seven small boats at dusk"
                 *     }
                 */
                "application/json": components["schemas"]["Credentials"];
            };
        };
        responses: {
            /** @description What signing in gives. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accessToken": "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTlhIn0.c2lnbmF0dXJl",
                     *       "refreshToken": "dlr_Yk1vT0pM2s9QJ0nXcV7bE4rT6yU8iO1pA3sD5fG7hJ9",
                     *       "expiresIn": 600,
                     *       "user": {
                     *         "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *         "email": "maya@example.org",
                     *         "name": "Maya Lindqvist",
                     *         "role": "editor",
                     *         "authorId": null,
                     *         "sessionId": "019a1d2f-7b11-7d40-8a3e-2f6f4f8b9c21",
                     *         "apiKeyId": null,
                     *         "scopes": null
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    refreshSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "refreshToken": "dlr_Yk1vT0pM2s9QJ0nXcV7bE4rT6yU8iO1pA3sD5fG7hJ9"
                 *     }
                 */
                "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        responses: {
            /** @description What signing in gives. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accessToken": "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTlhIn0.c2lnbmF0dXJl",
                     *       "refreshToken": "dlr_Yk1vT0pM2s9QJ0nXcV7bE4rT6yU8iO1pA3sD5fG7hJ9",
                     *       "expiresIn": 600,
                     *       "user": {
                     *         "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *         "email": "maya@example.org",
                     *         "name": "Maya Lindqvist",
                     *         "role": "editor",
                     *         "authorId": null,
                     *         "sessionId": "019a1d2f-7b11-7d40-8a3e-2f6f4f8b9c21",
                     *         "apiKeyId": null,
                     *         "scopes": null
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed out. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Who you are here. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "email": "maya@example.org",
                     *       "name": "Maya Lindqvist",
                     *       "role": "editor",
                     *       "authorId": null,
                     *       "sessionId": "019a1d2f-7b11-7d40-8a3e-2f6f4f8b9c21",
                     *       "apiKeyId": null,
                     *       "scopes": null
                     *     }
                     */
                    "application/json": components["schemas"]["Me"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listUsers: {
        parameters: {
            query?: {
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *           "email": "maya@example.org",
                     *           "name": "Maya Lindqvist",
                     *           "role": "editor",
                     *           "disabled": false,
                     *           "createdAt": "2026-11-20T08:15:00.000Z",
                     *           "updatedAt": "2026-11-20T08:15:00.000Z"
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["User"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    createUser: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Any text nobody else would choose, such as a UUID. The same request with the same key is done once: for 24 hours it gets the same answer again, with `idempotent-replayed: true`. Refusals are not kept.
                 * @example 7d1f5c0e-3b1a-4a53-9c53-0d2f6a1f4f0b
                 */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "maya@example.org",
                 *       "name": "Maya Lindqvist",
                 *       "role": "editor",
                 *       "password": "seven small boats at dusk"
                 *     }
                 */
                "application/json": components["schemas"]["NewUser"];
            };
        };
        responses: {
            /** @description A person of the newsroom. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    Location: components["headers"]["Location"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "email": "maya@example.org",
                     *       "name": "Maya Lindqvist",
                     *       "role": "editor",
                     *       "disabled": false,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A person of the newsroom. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "email": "maya@example.org",
                     *       "name": "Maya Lindqvist",
                     *       "role": "editor",
                     *       "disabled": false,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    changeUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "role": "author"
                 *     }
                 */
                "application/json": components["schemas"]["UserPatch"];
                /**
                 * @example {
                 *       "role": "author"
                 *     }
                 */
                "application/merge-patch+json": components["schemas"]["UserPatch"];
            };
        };
        responses: {
            /** @description A person of the newsroom. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "email": "maya@example.org",
                     *       "name": "Maya Lindqvist",
                     *       "role": "editor",
                     *       "disabled": false,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A JWK set. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "keys": [
                     *         {
                     *           "kty": "OKP",
                     *           "crv": "Ed25519",
                     *           "alg": "EdDSA",
                     *           "use": "sig",
                     *           "kid": "Yk1vT0pM2s9QJ0nXcV7bEw",
                     *           "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listApiKeys: {
        parameters: {
            query?: {
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
                /**
                 * @description Of this person. Others than oneself: for admins.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13
                 */
                user?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a70",
                     *           "userId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a01",
                     *           "name": "Importer",
                     *           "scopes": [
                     *             "articles:write",
                     *             "tags:read"
                     *           ],
                     *           "works": true,
                     *           "createdAt": "2026-11-20T08:15:00.000Z",
                     *           "expiresAt": "2027-11-20T08:15:00.000Z",
                     *           "revokedAt": null,
                     *           "lastUsedAt": null,
                     *           "lastUsedFrom": null
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ApiKey"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    createApiKey: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Any text nobody else would choose, such as a UUID. The same request with the same key is done once: for 24 hours it gets the same answer again, with `idempotent-replayed: true`. Refusals are not kept.
                 * @example 7d1f5c0e-3b1a-4a53-9c53-0d2f6a1f4f0b
                 */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Importer",
                 *       "scopes": [
                 *         "articles:write",
                 *         "tags:read"
                 *       ],
                 *       "expiresAt": "2027-11-20T08:15:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["NewApiKey"];
            };
        };
        responses: {
            /** @description Made. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    Location: components["headers"]["Location"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a70",
                     *       "userId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a01",
                     *       "name": "Importer",
                     *       "scopes": [
                     *         "articles:write",
                     *         "tags:read"
                     *       ],
                     *       "works": true,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "expiresAt": "2027-11-20T08:15:00.000Z",
                     *       "revokedAt": null,
                     *       "lastUsedAt": null,
                     *       "lastUsedFrom": null,
                     *       "key": "dl_031QCZADMbLeHIsrOmeIk4_0Cd3YKpnNTSsWc08aNeQT6pB0AcZ0a7l63BlO08"
                     *     }
                     */
                    "application/json": components["schemas"]["MadeApiKey"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What a program comes with, in the name of a person. The key itself is shown once, when it is made. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a70",
                     *       "userId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a01",
                     *       "name": "Importer",
                     *       "scopes": [
                     *         "articles:write",
                     *         "tags:read"
                     *       ],
                     *       "works": true,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "expiresAt": "2027-11-20T08:15:00.000Z",
                     *       "revokedAt": null,
                     *       "lastUsedAt": null,
                     *       "lastUsedFrom": null
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    revokeApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    renameApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Old importer"
                 *     }
                 */
                "application/json": components["schemas"]["ApiKeyPatch"];
                /**
                 * @example {
                 *       "name": "Old importer"
                 *     }
                 */
                "application/merge-patch+json": components["schemas"]["ApiKeyPatch"];
            };
        };
        responses: {
            /** @description What a program comes with, in the name of a person. The key itself is shown once, when it is made. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a70",
                     *       "userId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a01",
                     *       "name": "Importer",
                     *       "scopes": [
                     *         "articles:write",
                     *         "tags:read"
                     *       ],
                     *       "works": true,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "expiresAt": "2027-11-20T08:15:00.000Z",
                     *       "revokedAt": null,
                     *       "lastUsedAt": null,
                     *       "lastUsedFrom": null
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ended. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    endSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ended. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listUserSessions: {
        parameters: {
            query?: {
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-7b11-7d40-8a3e-2f6f4f8b9c21",
                     *           "createdAt": "2026-11-20T08:15:00.000Z",
                     *           "lastUsedAt": "2026-11-20T09:05:00.000Z",
                     *           "expiresAt": "2026-12-20T09:05:00.000Z",
                     *           "current": true,
                     *           "device": "Firefox on Linux",
                     *           "network": "203.0.113.0/24"
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["OpenSession"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    endUserSessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ended. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "currentPassword": "seven small boats at dusk",
                 *       "newPassword": "nine slow herons over the weir"
                 *     }
                 */
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description Changed. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    createPasswordLink: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Any text nobody else would choose, such as a UUID. The same request with the same key is done once: for 24 hours it gets the same answer again, with `idempotent-replayed: true`. Refusals are not kept.
                 * @example 7d1f5c0e-3b1a-4a53-9c53-0d2f6a1f4f0b
                 */
                "idempotency-key"?: string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "expiresInHours": 48
                 *     }
                 */
                "application/json": components["schemas"]["NewPasswordLink"];
            };
        };
        responses: {
            /** @description What sets a password once. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-7b11-7d40-8a3e-2f6f4f8b9c70",
                     *       "purpose": "invitation",
                     *       "token": "dlo_Yk1vT0pM2s9QJ0nXcV7bE4rT6yU8iO1pA3sD5fG7hJ9",
                     *       "expiresAt": "2026-11-23T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["MadePasswordLink"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    usePasswordLink: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "dlo_Yk1vT0pM2s9QJ0nXcV7bE4rT6yU8iO1pA3sD5fG7hJ9",
                 *       "password": "seven small boats at dusk"
                 *     }
                 */
                "application/json": components["schemas"]["PasswordLinkUse"];
            };
        };
        responses: {
            /** @description The password is set. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listTags: {
        parameters: {
            query?: {
                /** @example topic */
                kind?: "topic" | "person" | "organisation" | "place" | "section" | "series";
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12
                 */
                parentId?: string;
                /**
                 * @description A BCP 47 language tag in canonical case: `en`, `pt-BR`, `zh-Hant`.
                 * @example en
                 */
                locale?: string;
                /**
                 * @description Beginning of a name in any locale, of a slug or of an alias.
                 * @example ferry
                 */
                q?: string;
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *           "kind": "topic",
                     *           "slug": "shipping",
                     *           "names": {
                     *             "en": "Shipping",
                     *             "ru": "Судоходство"
                     *           },
                     *           "descriptions": {},
                     *           "parentId": null,
                     *           "aliases": [
                     *             "sea-trade"
                     *           ],
                     *           "articleCount": 12,
                     *           "version": 1,
                     *           "createdAt": "2026-11-20T08:15:00.000Z",
                     *           "updatedAt": "2026-11-20T08:15:00.000Z"
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Tag"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    createTag: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Any text nobody else would choose, such as a UUID. The same request with the same key is done once: for 24 hours it gets the same answer again, with `idempotent-replayed: true`. Refusals are not kept.
                 * @example 7d1f5c0e-3b1a-4a53-9c53-0d2f6a1f4f0b
                 */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "kind": "topic",
                 *       "names": {
                 *         "en": "Shipping",
                 *         "ru": "Судоходство"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["NewTag"];
            };
        };
        responses: {
            /** @description What a story is about, or belongs to. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    Location: components["headers"]["Location"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "kind": "topic",
                     *       "slug": "shipping",
                     *       "names": {
                     *         "en": "Shipping",
                     *         "ru": "Судоходство"
                     *       },
                     *       "descriptions": {},
                     *       "parentId": null,
                     *       "aliases": [
                     *         "sea-trade"
                     *       ],
                     *       "articleCount": 12,
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Tag"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getTag: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What a story is about, or belongs to. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "kind": "topic",
                     *       "slug": "shipping",
                     *       "names": {
                     *         "en": "Shipping",
                     *         "ru": "Судоходство"
                     *       },
                     *       "descriptions": {},
                     *       "parentId": null,
                     *       "aliases": [
                     *         "sea-trade"
                     *       ],
                     *       "articleCount": 12,
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Tag"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    deleteTag: {
        parameters: {
            query?: {
                /**
                 * @description Take it from the articles that use it and from the tags below it.
                 * @example true
                 */
                force?: boolean;
            };
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    changeTag: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "names": {
                 *         "hy": "Նավագնացություն"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["TagPatch"];
                /**
                 * @example {
                 *       "names": {
                 *         "hy": "Նավագնացություն"
                 *       }
                 *     }
                 */
                "application/merge-patch+json": components["schemas"]["TagPatch"];
            };
        };
        responses: {
            /** @description What a story is about, or belongs to. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "kind": "topic",
                     *       "slug": "shipping",
                     *       "names": {
                     *         "en": "Shipping",
                     *         "ru": "Судоходство"
                     *       },
                     *       "descriptions": {},
                     *       "parentId": null,
                     *       "aliases": [
                     *         "sea-trade"
                     *       ],
                     *       "articleCount": 12,
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Tag"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    mergeTag: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "into": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10"
                 *     }
                 */
                "application/json": components["schemas"]["TagMerge"];
            };
        };
        responses: {
            /** @description What a story is about, or belongs to. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "kind": "topic",
                     *       "slug": "shipping",
                     *       "names": {
                     *         "en": "Shipping",
                     *         "ru": "Судоходство"
                     *       },
                     *       "descriptions": {},
                     *       "parentId": null,
                     *       "aliases": [
                     *         "sea-trade"
                     *       ],
                     *       "articleCount": 12,
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Tag"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listAuthors: {
        parameters: {
            query?: {
                /**
                 * @description Beginning of the name or slug.
                 * @example ferry
                 */
                q?: string;
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *           "slug": "maya-lindqvist",
                     *           "name": "Maya Lindqvist",
                     *           "bios": {
                     *             "en": "Maya Lindqvist writes about ports and the people in them."
                     *           },
                     *           "image": null,
                     *           "links": [],
                     *           "userId": null,
                     *           "articleCount": 12,
                     *           "version": 1,
                     *           "createdAt": "2026-11-20T08:15:00.000Z",
                     *           "updatedAt": "2026-11-20T08:15:00.000Z"
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Author"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    createAuthor: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Any text nobody else would choose, such as a UUID. The same request with the same key is done once: for 24 hours it gets the same answer again, with `idempotent-replayed: true`. Refusals are not kept.
                 * @example 7d1f5c0e-3b1a-4a53-9c53-0d2f6a1f4f0b
                 */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Maya Lindqvist",
                 *       "bios": {
                 *         "en": "Maya Lindqvist writes about ports and the people in them."
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["NewAuthor"];
            };
        };
        responses: {
            /** @description Who signs. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    Location: components["headers"]["Location"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "slug": "maya-lindqvist",
                     *       "name": "Maya Lindqvist",
                     *       "bios": {
                     *         "en": "Maya Lindqvist writes about ports and the people in them."
                     *       },
                     *       "image": null,
                     *       "links": [],
                     *       "userId": null,
                     *       "articleCount": 12,
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Author"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getAuthor: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Who signs. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "slug": "maya-lindqvist",
                     *       "name": "Maya Lindqvist",
                     *       "bios": {
                     *         "en": "Maya Lindqvist writes about ports and the people in them."
                     *       },
                     *       "image": null,
                     *       "links": [],
                     *       "userId": null,
                     *       "articleCount": 12,
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Author"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    deleteAuthor: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    changeAuthor: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "bios": {
                 *         "ru": "Майя Линдквист пишет о портах и людях в них."
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["AuthorPatch"];
                /**
                 * @example {
                 *       "bios": {
                 *         "ru": "Майя Линдквист пишет о портах и людях в них."
                 *       }
                 *     }
                 */
                "application/merge-patch+json": components["schemas"]["AuthorPatch"];
            };
        };
        responses: {
            /** @description Who signs. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "slug": "maya-lindqvist",
                     *       "name": "Maya Lindqvist",
                     *       "bios": {
                     *         "en": "Maya Lindqvist writes about ports and the people in them."
                     *       },
                     *       "image": null,
                     *       "links": [],
                     *       "userId": null,
                     *       "articleCount": 12,
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Author"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listArticles: {
        parameters: {
            query?: {
                /** @example in_review */
                stage?: "draft" | "in_review" | "ready";
                /**
                 * @description Where it stands on its timeline now.
                 * @example live
                 */
                state?: "none" | "scheduled" | "live" | "ended" | "withdrawn";
                /**
                 * @description Id of a tag.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12
                 */
                tag?: string;
                /**
                 * @description Id of an author.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13
                 */
                author?: string;
                /**
                 * @description A BCP 47 language tag in canonical case: `en`, `pt-BR`, `zh-Hant`.
                 * @example en
                 */
                locale?: string;
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11
                 */
                storyId?: string;
                /**
                 * @description Words of the headline or standfirst, in any order.
                 * @example ferry
                 */
                q?: string;
                /**
                 * @description Inclusive.
                 * @example 2026-11-20T08:00:00Z
                 */
                updatedAfter?: string;
                /**
                 * @description Exclusive.
                 * @example 2026-11-20T10:00:00Z
                 */
                updatedBefore?: string;
                /**
                 * @description true: only what is in the trash; without it, only what is not.
                 * @example true
                 */
                trashed?: boolean;
                /**
                 * @description A minus means newest first; without it, `-updatedAt`.
                 * @example -updatedAt
                 */
                sort?: "-updatedAt" | "updatedAt" | "-createdAt" | "createdAt";
                /**
                 * @description Also count all that match.
                 * @example exact
                 */
                count?: "exact";
                /**
                 * @description Adds names: `tags`, `authors`, or both with a comma.
                 * @example tags,authors
                 */
                include?: string;
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *           "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *           "locale": "en",
                     *           "slug": "ferry-line-reopens",
                     *           "headline": "Ferry line reopens after two winters",
                     *           "kicker": "Coast",
                     *           "standfirst": "The first boat left with forty passengers and a dog.",
                     *           "authors": [],
                     *           "tags": [
                     *             "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
                     *           ],
                     *           "source": null,
                     *           "image": null,
                     *           "dateline": "Port Ansel",
                     *           "breaking": false,
                     *           "accessibleForFree": true,
                     *           "sensitive": false,
                     *           "seo": {
                     *             "title": null,
                     *             "description": null,
                     *             "canonicalUrl": null
                     *           },
                     *           "rights": null,
                     *           "wordCount": 312,
                     *           "stage": "draft",
                     *           "version": 1,
                     *           "publication": {
                     *             "state": "none",
                     *             "liveFrom": null,
                     *             "liveUntil": null,
                     *             "version": null,
                     *             "hasUnpublishedChanges": false
                     *           },
                     *           "withdrawal": null,
                     *           "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *           "createdAt": "2026-11-20T08:15:00.000Z",
                     *           "updatedAt": "2026-11-20T08:15:00.000Z",
                     *           "trashedAt": null
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ArticleSummary"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    createArticle: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Any text nobody else would choose, such as a UUID. The same request with the same key is done once: for 24 hours it gets the same answer again, with `idempotent-replayed: true`. Refusals are not kept.
                 * @example 7d1f5c0e-3b1a-4a53-9c53-0d2f6a1f4f0b
                 */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "locale": "en",
                 *       "headline": "Ferry line reopens after two winters",
                 *       "standfirst": "The first boat left with forty passengers and a dog.",
                 *       "body": {
                 *         "markdown": "The first boat left at **six** in the morning."
                 *       },
                 *       "source": {
                 *         "name": "The Lantern Review",
                 *         "url": "https://lantern.example/"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["NewArticle"];
            };
        };
        responses: {
            /** @description The working copy editors change. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    Location: components["headers"]["Location"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *       "locale": "en",
                     *       "slug": "ferry-line-reopens",
                     *       "headline": "Ferry line reopens after two winters",
                     *       "kicker": "Coast",
                     *       "standfirst": "The first boat left with forty passengers and a dog.",
                     *       "authors": [],
                     *       "tags": [
                     *         "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
                     *       ],
                     *       "source": null,
                     *       "image": null,
                     *       "dateline": "Port Ansel",
                     *       "breaking": false,
                     *       "accessibleForFree": true,
                     *       "sensitive": false,
                     *       "seo": {
                     *         "title": null,
                     *         "description": null,
                     *         "canonicalUrl": null
                     *       },
                     *       "rights": null,
                     *       "wordCount": 312,
                     *       "stage": "draft",
                     *       "version": 1,
                     *       "publication": {
                     *         "state": "none",
                     *         "liveFrom": null,
                     *         "liveUntil": null,
                     *         "version": null,
                     *         "hasUnpublishedChanges": false
                     *       },
                     *       "withdrawal": null,
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z",
                     *       "trashedAt": null,
                     *       "body": {
                     *         "blocks": []
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Article"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getArticle: {
        parameters: {
            query?: {
                /**
                 * @description Adds names: `tags`, `authors`, or both with a comma.
                 * @example tags,authors
                 */
                include?: string;
            };
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The working copy editors change. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *       "locale": "en",
                     *       "slug": "ferry-line-reopens",
                     *       "headline": "Ferry line reopens after two winters",
                     *       "kicker": "Coast",
                     *       "standfirst": "The first boat left with forty passengers and a dog.",
                     *       "authors": [],
                     *       "tags": [
                     *         "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
                     *       ],
                     *       "source": null,
                     *       "image": null,
                     *       "dateline": "Port Ansel",
                     *       "breaking": false,
                     *       "accessibleForFree": true,
                     *       "sensitive": false,
                     *       "seo": {
                     *         "title": null,
                     *         "description": null,
                     *         "canonicalUrl": null
                     *       },
                     *       "rights": null,
                     *       "wordCount": 312,
                     *       "stage": "draft",
                     *       "version": 1,
                     *       "publication": {
                     *         "state": "none",
                     *         "liveFrom": null,
                     *         "liveUntil": null,
                     *         "version": null,
                     *         "hasUnpublishedChanges": false
                     *       },
                     *       "withdrawal": null,
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z",
                     *       "trashedAt": null,
                     *       "body": {
                     *         "blocks": []
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Article"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    trashArticle: {
        parameters: {
            query?: {
                /**
                 * @description Remove it for ever, with its revisions and links. Admins only; only from the trash.
                 * @example true
                 */
                purge?: boolean;
            };
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Gone. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    changeArticle: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "headline": "Ferry line reopens after two long winters",
                 *       "message": "Says how long it was closed"
                 *     }
                 */
                "application/json": components["schemas"]["ArticlePatch"];
                /**
                 * @example {
                 *       "headline": "Ferry line reopens after two long winters",
                 *       "message": "Says how long it was closed"
                 *     }
                 */
                "application/merge-patch+json": components["schemas"]["ArticlePatch"];
            };
        };
        responses: {
            /** @description The working copy editors change. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *       "locale": "en",
                     *       "slug": "ferry-line-reopens",
                     *       "headline": "Ferry line reopens after two winters",
                     *       "kicker": "Coast",
                     *       "standfirst": "The first boat left with forty passengers and a dog.",
                     *       "authors": [],
                     *       "tags": [
                     *         "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
                     *       ],
                     *       "source": null,
                     *       "image": null,
                     *       "dateline": "Port Ansel",
                     *       "breaking": false,
                     *       "accessibleForFree": true,
                     *       "sensitive": false,
                     *       "seo": {
                     *         "title": null,
                     *         "description": null,
                     *         "canonicalUrl": null
                     *       },
                     *       "rights": null,
                     *       "wordCount": 312,
                     *       "stage": "draft",
                     *       "version": 1,
                     *       "publication": {
                     *         "state": "none",
                     *         "liveFrom": null,
                     *         "liveUntil": null,
                     *         "version": null,
                     *         "hasUnpublishedChanges": false
                     *       },
                     *       "withdrawal": null,
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z",
                     *       "trashedAt": null,
                     *       "body": {
                     *         "blocks": []
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Article"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    restoreArticle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The working copy editors change. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *       "locale": "en",
                     *       "slug": "ferry-line-reopens",
                     *       "headline": "Ferry line reopens after two winters",
                     *       "kicker": "Coast",
                     *       "standfirst": "The first boat left with forty passengers and a dog.",
                     *       "authors": [],
                     *       "tags": [
                     *         "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
                     *       ],
                     *       "source": null,
                     *       "image": null,
                     *       "dateline": "Port Ansel",
                     *       "breaking": false,
                     *       "accessibleForFree": true,
                     *       "sensitive": false,
                     *       "seo": {
                     *         "title": null,
                     *         "description": null,
                     *         "canonicalUrl": null
                     *       },
                     *       "rights": null,
                     *       "wordCount": 312,
                     *       "stage": "draft",
                     *       "version": 1,
                     *       "publication": {
                     *         "state": "none",
                     *         "liveFrom": null,
                     *         "liveUntil": null,
                     *         "version": null,
                     *         "hasUnpublishedChanges": false
                     *       },
                     *       "withdrawal": null,
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z",
                     *       "trashedAt": null,
                     *       "body": {
                     *         "blocks": []
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Article"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listStageMoves: {
        parameters: {
            query?: {
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a30",
                     *           "from": "draft",
                     *           "to": "in_review",
                     *           "note": "The harbour master has seen the quotes.",
                     *           "movedBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *           "movedByName": "Mara Lind",
                     *           "movedAt": "2026-11-20T08:15:00.000Z"
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["StageMove"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    moveStage: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "to": "in_review",
                 *       "note": "The harbour master has seen the quotes."
                 *     }
                 */
                "application/json": components["schemas"]["NewStageMove"];
            };
        };
        responses: {
            /** @description The working copy editors change. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *       "locale": "en",
                     *       "slug": "ferry-line-reopens",
                     *       "headline": "Ferry line reopens after two winters",
                     *       "kicker": "Coast",
                     *       "standfirst": "The first boat left with forty passengers and a dog.",
                     *       "authors": [],
                     *       "tags": [
                     *         "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
                     *       ],
                     *       "source": null,
                     *       "image": null,
                     *       "dateline": "Port Ansel",
                     *       "breaking": false,
                     *       "accessibleForFree": true,
                     *       "sensitive": false,
                     *       "seo": {
                     *         "title": null,
                     *         "description": null,
                     *         "canonicalUrl": null
                     *       },
                     *       "rights": null,
                     *       "wordCount": 312,
                     *       "stage": "draft",
                     *       "version": 1,
                     *       "publication": {
                     *         "state": "none",
                     *         "liveFrom": null,
                     *         "liveUntil": null,
                     *         "version": null,
                     *         "hasUnpublishedChanges": false
                     *       },
                     *       "withdrawal": null,
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z",
                     *       "trashedAt": null,
                     *       "body": {
                     *         "blocks": []
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Article"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listTranslations: {
        parameters: {
            query?: {
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *           "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *           "locale": "en",
                     *           "slug": "ferry-line-reopens",
                     *           "headline": "Ferry line reopens after two winters",
                     *           "kicker": "Coast",
                     *           "standfirst": "The first boat left with forty passengers and a dog.",
                     *           "authors": [],
                     *           "tags": [
                     *             "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
                     *           ],
                     *           "source": null,
                     *           "image": null,
                     *           "dateline": "Port Ansel",
                     *           "breaking": false,
                     *           "accessibleForFree": true,
                     *           "sensitive": false,
                     *           "seo": {
                     *             "title": null,
                     *             "description": null,
                     *             "canonicalUrl": null
                     *           },
                     *           "rights": null,
                     *           "wordCount": 312,
                     *           "stage": "draft",
                     *           "version": 1,
                     *           "publication": {
                     *             "state": "none",
                     *             "liveFrom": null,
                     *             "liveUntil": null,
                     *             "version": null,
                     *             "hasUnpublishedChanges": false
                     *           },
                     *           "withdrawal": null,
                     *           "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *           "createdAt": "2026-11-20T08:15:00.000Z",
                     *           "updatedAt": "2026-11-20T08:15:00.000Z",
                     *           "trashedAt": null
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ArticleSummary"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    translateArticle: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Any text nobody else would choose, such as a UUID. The same request with the same key is done once: for 24 hours it gets the same answer again, with `idempotent-replayed: true`. Refusals are not kept.
                 * @example 7d1f5c0e-3b1a-4a53-9c53-0d2f6a1f4f0b
                 */
                "idempotency-key"?: string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "locale": "ru",
                 *       "headline": "Паромная линия снова открыта"
                 *     }
                 */
                "application/json": components["schemas"]["NewTranslation"];
            };
        };
        responses: {
            /** @description The working copy editors change. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    Location: components["headers"]["Location"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *       "locale": "en",
                     *       "slug": "ferry-line-reopens",
                     *       "headline": "Ferry line reopens after two winters",
                     *       "kicker": "Coast",
                     *       "standfirst": "The first boat left with forty passengers and a dog.",
                     *       "authors": [],
                     *       "tags": [
                     *         "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
                     *       ],
                     *       "source": null,
                     *       "image": null,
                     *       "dateline": "Port Ansel",
                     *       "breaking": false,
                     *       "accessibleForFree": true,
                     *       "sensitive": false,
                     *       "seo": {
                     *         "title": null,
                     *         "description": null,
                     *         "canonicalUrl": null
                     *       },
                     *       "rights": null,
                     *       "wordCount": 312,
                     *       "stage": "draft",
                     *       "version": 1,
                     *       "publication": {
                     *         "state": "none",
                     *         "liveFrom": null,
                     *         "liveUntil": null,
                     *         "version": null,
                     *         "hasUnpublishedChanges": false
                     *       },
                     *       "withdrawal": null,
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z",
                     *       "trashedAt": null,
                     *       "body": {
                     *         "blocks": []
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Article"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listRevisions: {
        parameters: {
            query?: {
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "version": 3,
                     *           "headline": "Ferry line reopens after two long winters",
                     *           "message": "Says how long it was closed",
                     *           "restoredFrom": null,
                     *           "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *           "createdByName": "Mara Lindqvist",
                     *           "createdAt": "2026-11-20T08:40:00.000Z"
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["RevisionSummary"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getRevision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
                /**
                 * @description Grows by one with each change; the ETag.
                 * @example 1
                 */
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What an article’s content was at one version. It never changes. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "version": 3,
                     *       "headline": "Ferry line reopens after two long winters",
                     *       "message": "Says how long it was closed",
                     *       "restoredFrom": null,
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdByName": "Mara Lindqvist",
                     *       "createdAt": "2026-11-20T08:40:00.000Z",
                     *       "content": {
                     *         "headline": "Ferry line reopens after two long winters",
                     *         "kicker": "Coast",
                     *         "standfirst": "The first boat left with forty passengers and a dog.",
                     *         "body": {
                     *           "blocks": []
                     *         },
                     *         "slug": "ferry-line-reopens",
                     *         "authors": [],
                     *         "tags": [
                     *           "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
                     *         ],
                     *         "source": null,
                     *         "image": null,
                     *         "dateline": "Port Ansel",
                     *         "breaking": false,
                     *         "accessibleForFree": true,
                     *         "sensitive": false,
                     *         "seo": {
                     *           "title": null,
                     *           "description": null,
                     *           "canonicalUrl": null
                     *         },
                     *         "rights": null
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Revision"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    restoreRevision: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
                /**
                 * @description Grows by one with each change; the ETag.
                 * @example 1
                 */
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The working copy after a revision was restored. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *       "locale": "en",
                     *       "slug": "ferry-line-reopens",
                     *       "headline": "Ferry line reopens after two winters",
                     *       "kicker": "Coast",
                     *       "standfirst": "The first boat left with forty passengers and a dog.",
                     *       "authors": [],
                     *       "tags": [
                     *         "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
                     *       ],
                     *       "source": null,
                     *       "image": null,
                     *       "dateline": "Port Ansel",
                     *       "breaking": false,
                     *       "accessibleForFree": true,
                     *       "sensitive": false,
                     *       "seo": {
                     *         "title": null,
                     *         "description": null,
                     *         "canonicalUrl": null
                     *       },
                     *       "rights": null,
                     *       "wordCount": 312,
                     *       "stage": "draft",
                     *       "version": 4,
                     *       "publication": {
                     *         "state": "none",
                     *         "liveFrom": null,
                     *         "liveUntil": null,
                     *         "version": null,
                     *         "hasUnpublishedChanges": false
                     *       },
                     *       "withdrawal": null,
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z",
                     *       "trashedAt": null,
                     *       "body": {
                     *         "blocks": []
                     *       },
                     *       "dropped": {
                     *         "tags": [
                     *           "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
                     *         ],
                     *         "authors": []
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["RestoredArticle"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    diffArticle: {
        parameters: {
            query: {
                /**
                 * @description The version to compare.
                 * @example 1
                 */
                from: number;
                /**
                 * @description The version to compare it with; the current one when left out.
                 * @example 2
                 */
                to?: number;
            };
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What differs between two revisions of an article. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "from": 1,
                     *       "to": 3,
                     *       "fields": [
                     *         {
                     *           "field": "headline",
                     *           "before": "Ferry line reopens after two winters",
                     *           "after": "Ferry line reopens after two long winters"
                     *         }
                     *       ],
                     *       "body": [
                     *         {
                     *           "op": "changed",
                     *           "key": "p1",
                     *           "before": {
                     *             "_type": "block",
                     *             "_key": "p1",
                     *             "style": "normal",
                     *             "children": [
                     *               {
                     *                 "_type": "span",
                     *                 "_key": "s0",
                     *                 "text": "After two winters.",
                     *                 "marks": []
                     *               }
                     *             ],
                     *             "markDefs": []
                     *           },
                     *           "after": {
                     *             "_type": "block",
                     *             "_key": "p1",
                     *             "style": "normal",
                     *             "children": [
                     *               {
                     *                 "_type": "span",
                     *                 "_key": "s0",
                     *                 "text": "After two long winters.",
                     *                 "marks": []
                     *               }
                     *             ],
                     *             "markDefs": []
                     *           },
                     *           "words": [
                     *             {
                     *               "op": "same",
                     *               "text": "After two "
                     *             },
                     *             {
                     *               "op": "inserted",
                     *               "text": "long "
                     *             },
                     *             {
                     *               "op": "same",
                     *               "text": "winters."
                     *             }
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ArticleDiff"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listPublications: {
        parameters: {
            query?: {
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a20",
                     *           "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *           "version": 3,
                     *           "locale": "en",
                     *           "slug": "ferry-line-reopens",
                     *           "headline": "Ferry line reopens after two winters",
                     *           "state": "live",
                     *           "liveFrom": "2026-11-20T08:15:00.000Z",
                     *           "liveUntil": null,
                     *           "plannedUntil": null,
                     *           "publishedAt": "2026-11-20T08:15:00.000Z",
                     *           "correction": null,
                     *           "minor": false,
                     *           "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *           "createdAt": "2026-11-20T08:15:00.000Z"
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Publication"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    publishArticle: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
                /**
                 * @description Any text nobody else would choose, such as a UUID. The same request with the same key is done once: for 24 hours it gets the same answer again, with `idempotent-replayed: true`. Refusals are not kept.
                 * @example 7d1f5c0e-3b1a-4a53-9c53-0d2f6a1f4f0b
                 */
                "idempotency-key"?: string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["NewPublication"];
            };
        };
        responses: {
            /** @description One revision on the timeline: live from `liveFrom` (inclusive) until `liveUntil` (exclusive; null = open). `plannedUntil` is the end its editor asked for, which a later publication may cut short. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a20",
                     *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "version": 3,
                     *       "locale": "en",
                     *       "slug": "ferry-line-reopens",
                     *       "headline": "Ferry line reopens after two winters",
                     *       "state": "live",
                     *       "liveFrom": "2026-11-20T08:15:00.000Z",
                     *       "liveUntil": null,
                     *       "plannedUntil": null,
                     *       "publishedAt": "2026-11-20T08:15:00.000Z",
                     *       "correction": null,
                     *       "minor": false,
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Publication"];
                };
            };
            /** @description One revision on the timeline: live from `liveFrom` (inclusive) until `liveUntil` (exclusive; null = open). `plannedUntil` is the end its editor asked for, which a later publication may cut short. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a20",
                     *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "version": 3,
                     *       "locale": "en",
                     *       "slug": "ferry-line-reopens",
                     *       "headline": "Ferry line reopens after two winters",
                     *       "state": "live",
                     *       "liveFrom": "2026-11-20T08:15:00.000Z",
                     *       "liveUntil": null,
                     *       "plannedUntil": null,
                     *       "publishedAt": "2026-11-20T08:15:00.000Z",
                     *       "correction": null,
                     *       "minor": false,
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Publication"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    cancelPublication: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a40
                 */
                publicationId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One revision on the timeline: live from `liveFrom` (inclusive) until `liveUntil` (exclusive; null = open). `plannedUntil` is the end its editor asked for, which a later publication may cut short. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a20",
                     *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "version": 3,
                     *       "locale": "en",
                     *       "slug": "ferry-line-reopens",
                     *       "headline": "Ferry line reopens after two winters",
                     *       "state": "live",
                     *       "liveFrom": "2026-11-20T08:15:00.000Z",
                     *       "liveUntil": null,
                     *       "plannedUntil": null,
                     *       "publishedAt": "2026-11-20T08:15:00.000Z",
                     *       "correction": null,
                     *       "minor": false,
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Publication"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    changePublication: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a40
                 */
                publicationId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "liveFrom": "2030-01-01T10:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["PublicationPatch"];
                /**
                 * @example {
                 *       "liveFrom": "2030-01-01T10:00:00Z"
                 *     }
                 */
                "application/merge-patch+json": components["schemas"]["PublicationPatch"];
            };
        };
        responses: {
            /** @description One revision on the timeline: live from `liveFrom` (inclusive) until `liveUntil` (exclusive; null = open). `plannedUntil` is the end its editor asked for, which a later publication may cut short. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a20",
                     *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "version": 3,
                     *       "locale": "en",
                     *       "slug": "ferry-line-reopens",
                     *       "headline": "Ferry line reopens after two winters",
                     *       "state": "live",
                     *       "liveFrom": "2026-11-20T08:15:00.000Z",
                     *       "liveUntil": null,
                     *       "plannedUntil": null,
                     *       "publishedAt": "2026-11-20T08:15:00.000Z",
                     *       "correction": null,
                     *       "minor": false,
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Publication"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    unpublishArticle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["Unpublishing"];
            };
        };
        responses: {
            /** @description One revision on the timeline: live from `liveFrom` (inclusive) until `liveUntil` (exclusive; null = open). `plannedUntil` is the end its editor asked for, which a later publication may cut short. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a20",
                     *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "version": 3,
                     *       "locale": "en",
                     *       "slug": "ferry-line-reopens",
                     *       "headline": "Ferry line reopens after two winters",
                     *       "state": "live",
                     *       "liveFrom": "2026-11-20T08:15:00.000Z",
                     *       "liveUntil": null,
                     *       "plannedUntil": null,
                     *       "publishedAt": "2026-11-20T08:15:00.000Z",
                     *       "correction": null,
                     *       "minor": false,
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Publication"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    withdrawArticle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "Court order of 3 March"
                 *     }
                 */
                "application/json": components["schemas"]["Withdrawal"];
            };
        };
        responses: {
            /** @description One revision on the timeline: live from `liveFrom` (inclusive) until `liveUntil` (exclusive; null = open). `plannedUntil` is the end its editor asked for, which a later publication may cut short. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a20",
                     *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "version": 3,
                     *       "locale": "en",
                     *       "slug": "ferry-line-reopens",
                     *       "headline": "Ferry line reopens after two winters",
                     *       "state": "live",
                     *       "liveFrom": "2026-11-20T08:15:00.000Z",
                     *       "liveUntil": null,
                     *       "plannedUntil": null,
                     *       "publishedAt": "2026-11-20T08:15:00.000Z",
                     *       "correction": null,
                     *       "minor": false,
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Publication"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    reinstateArticle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One revision on the timeline: live from `liveFrom` (inclusive) until `liveUntil` (exclusive; null = open). `plannedUntil` is the end its editor asked for, which a later publication may cut short. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a20",
                     *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "version": 3,
                     *       "locale": "en",
                     *       "slug": "ferry-line-reopens",
                     *       "headline": "Ferry line reopens after two winters",
                     *       "state": "live",
                     *       "liveFrom": "2026-11-20T08:15:00.000Z",
                     *       "liveUntil": null,
                     *       "plannedUntil": null,
                     *       "publishedAt": "2026-11-20T08:15:00.000Z",
                     *       "correction": null,
                     *       "minor": false,
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Publication"];
                };
            };
            /** @description Lifted; nothing of it was ever live. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    changeArticles: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "action": "tag",
                 *       "tags": [
                 *         "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
                 *       ],
                 *       "items": [
                 *         {
                 *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                 *           "version": 3
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["BulkOrder"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *           "status": 204
                     *         },
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *           "status": 412,
                     *           "problem": {
                     *             "type": "/problems/stale_version",
                     *             "title": "The thing has changed since you read it",
                     *             "status": 412,
                     *             "detail": "The current version is 8.",
                     *             "code": "stale_version",
                     *             "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a31",
                     *             "currentVersion": 8
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["BulkAnswer"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listShareLinks: {
        parameters: {
            query?: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                articleId?: string;
                /**
                 * @description Where the link is meant to be posted.
                 * @example telegram
                 */
                channel?: "x" | "facebook" | "telegram" | "whatsapp" | "linkedin" | "reddit" | "bluesky" | "threads" | "email" | "copy" | "qr" | "other";
                /**
                 * @description A campaign of yours; empty = none.
                 * @example evening
                 */
                campaign?: string;
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13
                 */
                createdBy?: string;
                /**
                 * @description Each link is in one of them, whether its article is live or not: `archived`; else `expired`, its `expiresAt` has come; else `used_up`, as many people as `maxClicks` went through it; else `upcoming`, its `validFrom` is still ahead; else `active`. Without it: all that are not archived.
                 * @example active
                 */
                state?: "active" | "upcoming" | "expired" | "used_up" | "archived";
                /**
                 * @description `-` = largest, or latest, first. Clicks of people and robots together; who was never followed counts as earliest. Default: `-createdAt`.
                 * @example -clicks
                 */
                sort?: "createdAt" | "-createdAt" | "clicks" | "-clicks" | "lastClickedAt" | "-lastClickedAt";
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a30",
                     *           "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *           "code": "k7m3xw9p",
                     *           "url": "http://localhost:3000/s/k7m3xw9p",
                     *           "channel": "telegram",
                     *           "campaign": "",
                     *           "utm": {
                     *             "source": "telegram",
                     *             "medium": "social",
                     *             "campaign": null,
                     *             "term": null,
                     *             "content": null
                     *           },
                     *           "redirectStatus": 302,
                     *           "validFrom": null,
                     *           "expiresAt": null,
                     *           "expiredUrl": null,
                     *           "maxClicks": null,
                     *           "card": {
                     *             "title": null,
                     *             "description": null,
                     *             "image": null
                     *           },
                     *           "indexable": false,
                     *           "note": "",
                     *           "clicks": {
                     *             "total": 4,
                     *             "human": 3,
                     *             "bots": 1
                     *           },
                     *           "lastClickedAt": "2026-11-20T09:00:00.000Z",
                     *           "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *           "createdAt": "2026-11-20T08:15:00.000Z",
                     *           "archivedAt": null,
                     *           "version": 1
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ShareLink"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    createShareLink: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Any text nobody else would choose, such as a UUID. The same request with the same key is done once: for 24 hours it gets the same answer again, with `idempotent-replayed: true`. Refusals are not kept.
                 * @example 7d1f5c0e-3b1a-4a53-9c53-0d2f6a1f4f0b
                 */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                 *       "channel": "telegram"
                 *     }
                 */
                "application/json": components["schemas"]["NewShareLink"];
            };
        };
        responses: {
            /** @description A short public address of an article, with a count. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a30",
                     *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "code": "k7m3xw9p",
                     *       "url": "http://localhost:3000/s/k7m3xw9p",
                     *       "channel": "telegram",
                     *       "campaign": "",
                     *       "utm": {
                     *         "source": "telegram",
                     *         "medium": "social",
                     *         "campaign": null,
                     *         "term": null,
                     *         "content": null
                     *       },
                     *       "redirectStatus": 302,
                     *       "validFrom": null,
                     *       "expiresAt": null,
                     *       "expiredUrl": null,
                     *       "maxClicks": null,
                     *       "card": {
                     *         "title": null,
                     *         "description": null,
                     *         "image": null
                     *       },
                     *       "indexable": false,
                     *       "note": "",
                     *       "clicks": {
                     *         "total": 4,
                     *         "human": 3,
                     *         "bots": 1
                     *       },
                     *       "lastClickedAt": "2026-11-20T09:00:00.000Z",
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "archivedAt": null,
                     *       "version": 1
                     *     }
                     */
                    "application/json": components["schemas"]["ShareLink"];
                };
            };
            /** @description A short public address of an article, with a count. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    Location: components["headers"]["Location"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a30",
                     *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "code": "k7m3xw9p",
                     *       "url": "http://localhost:3000/s/k7m3xw9p",
                     *       "channel": "telegram",
                     *       "campaign": "",
                     *       "utm": {
                     *         "source": "telegram",
                     *         "medium": "social",
                     *         "campaign": null,
                     *         "term": null,
                     *         "content": null
                     *       },
                     *       "redirectStatus": 302,
                     *       "validFrom": null,
                     *       "expiresAt": null,
                     *       "expiredUrl": null,
                     *       "maxClicks": null,
                     *       "card": {
                     *         "title": null,
                     *         "description": null,
                     *         "image": null
                     *       },
                     *       "indexable": false,
                     *       "note": "",
                     *       "clicks": {
                     *         "total": 4,
                     *         "human": 3,
                     *         "bots": 1
                     *       },
                     *       "lastClickedAt": "2026-11-20T09:00:00.000Z",
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "archivedAt": null,
                     *       "version": 1
                     *     }
                     */
                    "application/json": components["schemas"]["ShareLink"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    createShareLinks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "items": [
                 *         {
                 *           "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                 *           "channel": "telegram",
                 *           "campaign": "evening"
                 *         },
                 *         {
                 *           "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                 *           "channel": "telegram",
                 *           "campaign": "evening"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["ShareLinkBulk"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *           "status": 404,
                     *           "problem": {
                     *             "type": "/problems/not_found",
                     *             "title": "Not found",
                     *             "status": 404,
                     *             "detail": "There is no such article.",
                     *             "code": "not_found",
                     *             "requestId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a31"
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ShareLinkBulkAnswer"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listArticleShareLinks: {
        parameters: {
            query?: {
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a30",
                     *           "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *           "code": "k7m3xw9p",
                     *           "url": "http://localhost:3000/s/k7m3xw9p",
                     *           "channel": "telegram",
                     *           "campaign": "",
                     *           "utm": {
                     *             "source": "telegram",
                     *             "medium": "social",
                     *             "campaign": null,
                     *             "term": null,
                     *             "content": null
                     *           },
                     *           "redirectStatus": 302,
                     *           "validFrom": null,
                     *           "expiresAt": null,
                     *           "expiredUrl": null,
                     *           "maxClicks": null,
                     *           "card": {
                     *             "title": null,
                     *             "description": null,
                     *             "image": null
                     *           },
                     *           "indexable": false,
                     *           "note": "",
                     *           "clicks": {
                     *             "total": 4,
                     *             "human": 3,
                     *             "bots": 1
                     *           },
                     *           "lastClickedAt": "2026-11-20T09:00:00.000Z",
                     *           "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *           "createdAt": "2026-11-20T08:15:00.000Z",
                     *           "archivedAt": null,
                     *           "version": 1
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ShareLink"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    createArticleShareLink: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Any text nobody else would choose, such as a UUID. The same request with the same key is done once: for 24 hours it gets the same answer again, with `idempotent-replayed: true`. Refusals are not kept.
                 * @example 7d1f5c0e-3b1a-4a53-9c53-0d2f6a1f4f0b
                 */
                "idempotency-key"?: string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "channel": "telegram"
                 *     }
                 */
                "application/json": components["schemas"]["NewArticleShareLink"];
            };
        };
        responses: {
            /** @description A short public address of an article, with a count. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a30",
                     *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "code": "k7m3xw9p",
                     *       "url": "http://localhost:3000/s/k7m3xw9p",
                     *       "channel": "telegram",
                     *       "campaign": "",
                     *       "utm": {
                     *         "source": "telegram",
                     *         "medium": "social",
                     *         "campaign": null,
                     *         "term": null,
                     *         "content": null
                     *       },
                     *       "redirectStatus": 302,
                     *       "validFrom": null,
                     *       "expiresAt": null,
                     *       "expiredUrl": null,
                     *       "maxClicks": null,
                     *       "card": {
                     *         "title": null,
                     *         "description": null,
                     *         "image": null
                     *       },
                     *       "indexable": false,
                     *       "note": "",
                     *       "clicks": {
                     *         "total": 4,
                     *         "human": 3,
                     *         "bots": 1
                     *       },
                     *       "lastClickedAt": "2026-11-20T09:00:00.000Z",
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "archivedAt": null,
                     *       "version": 1
                     *     }
                     */
                    "application/json": components["schemas"]["ShareLink"];
                };
            };
            /** @description A short public address of an article, with a count. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    Location: components["headers"]["Location"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a30",
                     *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "code": "k7m3xw9p",
                     *       "url": "http://localhost:3000/s/k7m3xw9p",
                     *       "channel": "telegram",
                     *       "campaign": "",
                     *       "utm": {
                     *         "source": "telegram",
                     *         "medium": "social",
                     *         "campaign": null,
                     *         "term": null,
                     *         "content": null
                     *       },
                     *       "redirectStatus": 302,
                     *       "validFrom": null,
                     *       "expiresAt": null,
                     *       "expiredUrl": null,
                     *       "maxClicks": null,
                     *       "card": {
                     *         "title": null,
                     *         "description": null,
                     *         "image": null
                     *       },
                     *       "indexable": false,
                     *       "note": "",
                     *       "clicks": {
                     *         "total": 4,
                     *         "human": 3,
                     *         "bots": 1
                     *       },
                     *       "lastClickedAt": "2026-11-20T09:00:00.000Z",
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "archivedAt": null,
                     *       "version": 1
                     *     }
                     */
                    "application/json": components["schemas"]["ShareLink"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getShareLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A short public address of an article, with a count. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a30",
                     *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "code": "k7m3xw9p",
                     *       "url": "http://localhost:3000/s/k7m3xw9p",
                     *       "channel": "telegram",
                     *       "campaign": "",
                     *       "utm": {
                     *         "source": "telegram",
                     *         "medium": "social",
                     *         "campaign": null,
                     *         "term": null,
                     *         "content": null
                     *       },
                     *       "redirectStatus": 302,
                     *       "validFrom": null,
                     *       "expiresAt": null,
                     *       "expiredUrl": null,
                     *       "maxClicks": null,
                     *       "card": {
                     *         "title": null,
                     *         "description": null,
                     *         "image": null
                     *       },
                     *       "indexable": false,
                     *       "note": "",
                     *       "clicks": {
                     *         "total": 4,
                     *         "human": 3,
                     *         "bots": 1
                     *       },
                     *       "lastClickedAt": "2026-11-20T09:00:00.000Z",
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "archivedAt": null,
                     *       "version": 1
                     *     }
                     */
                    "application/json": components["schemas"]["ShareLink"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    archiveShareLink: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Archived. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    changeShareLink: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "note": "Pinned in the channel"
                 *     }
                 */
                "application/json": components["schemas"]["ShareLinkPatch"];
                /**
                 * @example {
                 *       "note": "Pinned in the channel"
                 *     }
                 */
                "application/merge-patch+json": components["schemas"]["ShareLinkPatch"];
            };
        };
        responses: {
            /** @description A short public address of an article, with a count. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a30",
                     *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "code": "k7m3xw9p",
                     *       "url": "http://localhost:3000/s/k7m3xw9p",
                     *       "channel": "telegram",
                     *       "campaign": "",
                     *       "utm": {
                     *         "source": "telegram",
                     *         "medium": "social",
                     *         "campaign": null,
                     *         "term": null,
                     *         "content": null
                     *       },
                     *       "redirectStatus": 302,
                     *       "validFrom": null,
                     *       "expiresAt": null,
                     *       "expiredUrl": null,
                     *       "maxClicks": null,
                     *       "card": {
                     *         "title": null,
                     *         "description": null,
                     *         "image": null
                     *       },
                     *       "indexable": false,
                     *       "note": "",
                     *       "clicks": {
                     *         "total": 4,
                     *         "human": 3,
                     *         "bots": 1
                     *       },
                     *       "lastClickedAt": "2026-11-20T09:00:00.000Z",
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13",
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "archivedAt": null,
                     *       "version": 1
                     *     }
                     */
                    "application/json": components["schemas"]["ShareLink"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getShareLinkStats: {
        parameters: {
            query?: {
                /**
                 * @description Counts from the beginning of the period this lies in; without it, seven days; of weeks, this one.
                 * @example 2026-11-20T08:00:00Z
                 */
                from?: string;
                /**
                 * @description Exclusive. Counts up to the end of the period that reaches it; without it, now.
                 * @example 2026-11-20T10:00:00Z
                 */
                to?: string;
                /**
                 * @description Days and weeks (from Monday) begin by the clocks of the time zone; hours are those of UTC. At most 1,000 periods.
                 * @example day
                 */
                period?: "hour" | "day" | "week";
                /**
                 * @description An IANA time zone such as `Asia/Yerevan`; without it, that of the site of the article’s locale, else of the default site, else UTC.
                 * @example Asia/Yerevan
                 */
                timeZone?: string;
            };
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The clicks of a link within a range of time, people and robots apart. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "from": "2026-11-20T00:00:00.000Z",
                     *       "to": "2026-11-21T00:00:00.000Z",
                     *       "period": "day",
                     *       "timeZone": "UTC",
                     *       "total": {
                     *         "human": 12,
                     *         "bots": 3
                     *       },
                     *       "series": [
                     *         {
                     *           "start": "2026-11-20T00:00:00.000Z",
                     *           "human": 12,
                     *           "bots": 3
                     *         }
                     *       ],
                     *       "referrers": [
                     *         {
                     *           "host": "reddit.com",
                     *           "human": 10,
                     *           "bots": 0
                     *         },
                     *         {
                     *           "host": "",
                     *           "human": 2,
                     *           "bots": 3
                     *         }
                     *       ],
                     *       "countries": [
                     *         {
                     *           "country": "AM",
                     *           "human": 12,
                     *           "bots": 3
                     *         }
                     *       ],
                     *       "devices": [
                     *         {
                     *           "device": "mobile",
                     *           "human": 12,
                     *           "bots": 0
                     *         },
                     *         {
                     *           "device": "other",
                     *           "human": 0,
                     *           "bots": 3
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ShareLinkStats"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getArticleStats: {
        parameters: {
            query?: {
                /**
                 * @description Counts from the beginning of the period this lies in; without it, seven days; of weeks, this one.
                 * @example 2026-11-20T08:00:00Z
                 */
                from?: string;
                /**
                 * @description Exclusive. Counts up to the end of the period that reaches it; without it, now.
                 * @example 2026-11-20T10:00:00Z
                 */
                to?: string;
                /**
                 * @description Days and weeks (from Monday) begin by the clocks of the time zone; hours are those of UTC. At most 1,000 periods.
                 * @example day
                 */
                period?: "hour" | "day" | "week";
                /**
                 * @description An IANA time zone such as `Asia/Yerevan`; without it, that of the site of the article’s locale, else of the default site, else UTC.
                 * @example Asia/Yerevan
                 */
                timeZone?: string;
            };
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The views of an article and the clicks of all its links, archived ones too, within a range of time. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "from": "2026-11-20T00:00:00.000Z",
                     *       "to": "2026-11-21T00:00:00.000Z",
                     *       "period": "day",
                     *       "timeZone": "UTC",
                     *       "views": {
                     *         "total": 69,
                     *         "series": [
                     *           {
                     *             "start": "2026-11-20T00:00:00.000Z",
                     *             "views": 69
                     *           }
                     *         ]
                     *       },
                     *       "clicks": {
                     *         "total": {
                     *           "human": 12,
                     *           "bots": 3
                     *         },
                     *         "series": [
                     *           {
                     *             "start": "2026-11-20T00:00:00.000Z",
                     *             "human": 12,
                     *             "bots": 3
                     *           }
                     *         ],
                     *         "referrers": [
                     *           {
                     *             "host": "reddit.com",
                     *             "human": 10,
                     *             "bots": 0
                     *           },
                     *           {
                     *             "host": "",
                     *             "human": 2,
                     *             "bots": 3
                     *           }
                     *         ],
                     *         "countries": [
                     *           {
                     *             "country": "AM",
                     *             "human": 12,
                     *             "bots": 3
                     *           }
                     *         ],
                     *         "devices": [
                     *           {
                     *             "device": "mobile",
                     *             "human": 12,
                     *             "bots": 0
                     *           },
                     *           {
                     *             "device": "other",
                     *             "human": 0,
                     *             "bots": 3
                     *           }
                     *         ],
                     *         "channels": [
                     *           {
                     *             "channel": "telegram",
                     *             "human": 12,
                     *             "bots": 3
                     *           }
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["ArticleStats"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listLists: {
        parameters: {
            query?: {
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *           "slug": "world-news",
                     *           "titles": {
                     *             "en": "The most important world news",
                     *             "ru": "Самые важные новости мира"
                     *           },
                     *           "size": 10,
                     *           "tail": {
                     *             "tag": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
                     *           },
                     *           "itemCount": 1,
                     *           "version": 1,
                     *           "createdAt": "2026-11-20T08:15:00.000Z",
                     *           "updatedAt": "2026-11-20T08:15:00.000Z"
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ListSummary"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    createList: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Any text nobody else would choose, such as a UUID. The same request with the same key is done once: for 24 hours it gets the same answer again, with `idempotent-replayed: true`. Refusals are not kept.
                 * @example 7d1f5c0e-3b1a-4a53-9c53-0d2f6a1f4f0b
                 */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "titles": {
                 *         "en": "The most important world news",
                 *         "ru": "Самые важные новости мира"
                 *       },
                 *       "size": 10,
                 *       "tail": {
                 *         "tag": null
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["NewList"];
            };
        };
        responses: {
            /** @description A curated, ordered list of stories. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    Location: components["headers"]["Location"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "slug": "world-news",
                     *       "titles": {
                     *         "en": "The most important world news",
                     *         "ru": "Самые важные новости мира"
                     *       },
                     *       "size": 10,
                     *       "tail": {
                     *         "tag": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
                     *       },
                     *       "items": [
                     *         {
                     *           "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *           "pinnedUntil": "2026-11-21T06:00:00.000Z"
                     *         }
                     *       ],
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["List"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getList: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A curated, ordered list of stories. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "slug": "world-news",
                     *       "titles": {
                     *         "en": "The most important world news",
                     *         "ru": "Самые важные новости мира"
                     *       },
                     *       "size": 10,
                     *       "tail": {
                     *         "tag": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
                     *       },
                     *       "items": [
                     *         {
                     *           "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *           "pinnedUntil": "2026-11-21T06:00:00.000Z"
                     *         }
                     *       ],
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["List"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    deleteList: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    changeList: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "titles": {
                 *         "hy": "Աշխարհի ամենակարևոր լուրերը"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["ListPatch"];
                /**
                 * @example {
                 *       "titles": {
                 *         "hy": "Աշխարհի ամենակարևոր լուրերը"
                 *       }
                 *     }
                 */
                "application/merge-patch+json": components["schemas"]["ListPatch"];
            };
        };
        responses: {
            /** @description A curated, ordered list of stories. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "slug": "world-news",
                     *       "titles": {
                     *         "en": "The most important world news",
                     *         "ru": "Самые важные новости мира"
                     *       },
                     *       "size": 10,
                     *       "tail": {
                     *         "tag": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
                     *       },
                     *       "items": [
                     *         {
                     *           "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *           "pinnedUntil": "2026-11-21T06:00:00.000Z"
                     *         }
                     *       ],
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["List"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    setListItems: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example [
                 *       {
                 *         "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                 *         "pinnedUntil": "2026-11-21T06:00:00.000Z"
                 *       }
                 *     ]
                 */
                "application/json": components["schemas"]["ListItems"];
            };
        };
        responses: {
            /** @description A curated, ordered list of stories. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "slug": "world-news",
                     *       "titles": {
                     *         "en": "The most important world news",
                     *         "ru": "Самые важные новости мира"
                     *       },
                     *       "size": 10,
                     *       "tail": {
                     *         "tag": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12"
                     *       },
                     *       "items": [
                     *         {
                     *           "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *           "pinnedUntil": "2026-11-21T06:00:00.000Z"
                     *         }
                     *       ],
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["List"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listPreviews: {
        parameters: {
            query?: {
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a60",
                     *           "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *           "version": null,
                     *           "expiresAt": "2026-11-27T08:15:00.000Z",
                     *           "maxUses": 10,
                     *           "uses": 0,
                     *           "lastUsedAt": null,
                     *           "works": true,
                     *           "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a01",
                     *           "createdAt": "2026-11-20T08:15:00.000Z",
                     *           "revokedAt": null
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["PreviewLink"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    createPreview: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Any text nobody else would choose, such as a UUID. The same request with the same key is done once: for 24 hours it gets the same answer again, with `idempotent-replayed: true`. Refusals are not kept.
                 * @example 7d1f5c0e-3b1a-4a53-9c53-0d2f6a1f4f0b
                 */
                "idempotency-key"?: string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "maxUses": 10
                 *     }
                 */
                "application/json": components["schemas"]["NewPreviewLink"];
            };
        };
        responses: {
            /** @description Made. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a60",
                     *       "articleId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "version": null,
                     *       "expiresAt": "2026-11-27T08:15:00.000Z",
                     *       "maxUses": 10,
                     *       "uses": 0,
                     *       "lastUsedAt": null,
                     *       "works": true,
                     *       "createdBy": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a01",
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "revokedAt": null,
                     *       "token": "dlp_2vYl7n1cQh0mZt5pUe2QyV1nA7sBdEJx0gHqk0mZt5p",
                     *       "url": "http://localhost:3000/v1/content/previews/dlp_2vYl7n1cQh0mZt5pUe2QyV1nA7sBdEJx0gHqk0mZt5p"
                     *     }
                     */
                    "application/json": components["schemas"]["MadePreviewLink"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    revokePreview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ended. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    readPreview: {
        parameters: {
            query?: {
                /**
                 * @description Which forms of the body, separated by commas: `html` (default), `blocks`, `markdown`, `text`.
                 * @example html,text
                 */
                body?: string;
            };
            header?: never;
            path: {
                /** @example dlp_Yk1vT0pM2s9QJ0nXcV7bE4rT6yU8iO1pA3sD5fG7hJ9 */
                link: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What an article would be if it were live. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    "Content-Language": components["headers"]["ContentLanguage"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *       "locale": "en",
                     *       "slug": "ferry-line-reopens",
                     *       "url": "https://news.example/en/ferry-line-reopens",
                     *       "headline": "Ferry line reopens after two winters",
                     *       "kicker": "Coast",
                     *       "standfirst": "The first boat left with forty passengers and a dog.",
                     *       "authors": [
                     *         {
                     *           "slug": "maya-lindqvist",
                     *           "name": "Maya Lindqvist"
                     *         }
                     *       ],
                     *       "source": null,
                     *       "tags": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12",
                     *           "kind": "topic",
                     *           "slug": "shipping",
                     *           "name": "Shipping",
                     *           "locale": "en"
                     *         }
                     *       ],
                     *       "image": null,
                     *       "dateline": "Port Ansel",
                     *       "breaking": false,
                     *       "accessibleForFree": true,
                     *       "sensitive": false,
                     *       "wordCount": 312,
                     *       "seo": {
                     *         "title": null,
                     *         "description": null,
                     *         "canonicalUrl": null
                     *       },
                     *       "rights": null,
                     *       "corrections": [],
                     *       "publishedAt": null,
                     *       "updatedAt": null,
                     *       "body": {
                     *         "html": "<p>The first boat left at six.</p>"
                     *       },
                     *       "translations": [],
                     *       "preview": {
                     *         "version": 3,
                     *         "expiresAt": "2026-11-27T08:15:00.000Z",
                     *         "usesLeft": 9
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["ContentPreview"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listRedirects: {
        parameters: {
            query?: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11
                 */
                storyId?: string;
                /**
                 * @description Beginning of the path.
                 * @example ferry
                 */
                q?: string;
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a50",
                     *           "path": "/2019/05/ferry-line-reopens",
                     *           "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *           "target": null,
                     *           "version": 1,
                     *           "createdAt": "2026-11-20T08:15:00.000Z",
                     *           "updatedAt": "2026-11-20T08:15:00.000Z"
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Redirect"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    createRedirect: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Any text nobody else would choose, such as a UUID. The same request with the same key is done once: for 24 hours it gets the same answer again, with `idempotent-replayed: true`. Refusals are not kept.
                 * @example 7d1f5c0e-3b1a-4a53-9c53-0d2f6a1f4f0b
                 */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "path": "/2019/05/ferry-line-reopens",
                 *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11"
                 *     }
                 */
                "application/json": components["schemas"]["NewRedirect"];
            };
        };
        responses: {
            /** @description Where an old path leads: to a story, or to another path. One of the two is null. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    Location: components["headers"]["Location"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a50",
                     *       "path": "/2019/05/ferry-line-reopens",
                     *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *       "target": null,
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Redirect"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getRedirect: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Where an old path leads: to a story, or to another path. One of the two is null. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a50",
                     *       "path": "/2019/05/ferry-line-reopens",
                     *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *       "target": null,
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Redirect"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    deleteRedirect: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    changeRedirect: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "storyId": null,
                 *       "target": "/about"
                 *     }
                 */
                "application/json": components["schemas"]["RedirectPatch"];
                /**
                 * @example {
                 *       "storyId": null,
                 *       "target": "/about"
                 *     }
                 */
                "application/merge-patch+json": components["schemas"]["RedirectPatch"];
            };
        };
        responses: {
            /** @description Where an old path leads: to a story, or to another path. One of the two is null. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a50",
                     *       "path": "/2019/05/ferry-line-reopens",
                     *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *       "target": null,
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Redirect"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listWebhooks: {
        parameters: {
            query?: {
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a71",
                     *           "url": "https://hooks.news.example/dateline",
                     *           "events": [
                     *             "article.*",
                     *             "site.updated"
                     *           ],
                     *           "description": "Purges the CDN",
                     *           "enabled": true,
                     *           "disabledReason": null,
                     *           "version": 1,
                     *           "createdAt": "2026-11-20T08:15:00.000Z",
                     *           "updatedAt": "2026-11-20T08:15:00.000Z"
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Webhook"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Any text nobody else would choose, such as a UUID. The same request with the same key is done once: for 24 hours it gets the same answer again, with `idempotent-replayed: true`. Refusals are not kept.
                 * @example 7d1f5c0e-3b1a-4a53-9c53-0d2f6a1f4f0b
                 */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "url": "https://hooks.news.example/dateline",
                 *       "events": [
                 *         "article.*",
                 *         "site.updated"
                 *       ],
                 *       "description": "Purges the CDN"
                 *     }
                 */
                "application/json": components["schemas"]["NewWebhook"];
            };
        };
        responses: {
            /** @description A webhook with its new secret. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    Location: components["headers"]["Location"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a71",
                     *       "url": "https://hooks.news.example/dateline",
                     *       "events": [
                     *         "article.*",
                     *         "site.updated"
                     *       ],
                     *       "description": "Purges the CDN",
                     *       "enabled": true,
                     *       "disabledReason": null,
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z",
                     *       "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
                     *     }
                     */
                    "application/json": components["schemas"]["MadeWebhook"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whom events are sent to. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a71",
                     *       "url": "https://hooks.news.example/dateline",
                     *       "events": [
                     *         "article.*",
                     *         "site.updated"
                     *       ],
                     *       "description": "Purges the CDN",
                     *       "enabled": true,
                     *       "disabledReason": null,
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    deleteWebhook: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    changeWebhook: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
            };
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "enabled": true
                 *     }
                 */
                "application/json": components["schemas"]["WebhookPatch"];
                /**
                 * @example {
                 *       "enabled": true
                 *     }
                 */
                "application/merge-patch+json": components["schemas"]["WebhookPatch"];
            };
        };
        responses: {
            /** @description Whom events are sent to. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a71",
                     *       "url": "https://hooks.news.example/dateline",
                     *       "events": [
                     *         "article.*",
                     *         "site.updated"
                     *       ],
                     *       "description": "Purges the CDN",
                     *       "enabled": true,
                     *       "disabledReason": null,
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A webhook with its new secret. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a71",
                     *       "url": "https://hooks.news.example/dateline",
                     *       "events": [
                     *         "article.*",
                     *         "site.updated"
                     *       ],
                     *       "description": "Purges the CDN",
                     *       "enabled": true,
                     *       "disabledReason": null,
                     *       "version": 1,
                     *       "createdAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z",
                     *       "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
                     *     }
                     */
                    "application/json": components["schemas"]["MadeWebhook"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listWebhookDeliveries: {
        parameters: {
            query?: {
                /** @example delivered */
                state?: "pending" | "delivered" | "failed" | "dead";
                /** @example article.published */
                type?: "api_key.created" | "api_key.updated" | "api_key.revoked" | "article.created" | "article.edited" | "article.trashed" | "article.restored" | "article.purged" | "article.restored_revision" | "article.stage_moved" | "article.published" | "article.scheduled" | "article.rescheduled" | "article.unscheduled" | "article.ended" | "article.withdrawn" | "article.reinstated" | "author.created" | "author.updated" | "author.deleted" | "list.created" | "list.updated" | "list.deleted" | "preview.created" | "preview.revoked" | "redirect.created" | "redirect.updated" | "redirect.deleted" | "share_link.created" | "share_link.updated" | "share_link.archived" | "site.updated" | "tag.created" | "tag.updated" | "tag.merged" | "tag.deleted" | "user.created" | "user.changed" | "webhook.created" | "webhook.updated" | "webhook.deleted" | "webhook.secret_rotated" | "webhook.disabled" | "webhook.replayed" | "webhook.test";
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "eventId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a70",
                     *           "type": "article.published",
                     *           "state": "failed",
                     *           "attempts": [
                     *             {
                     *               "at": "2026-11-20T08:15:00.412Z",
                     *               "status": 503,
                     *               "durationMs": 38,
                     *               "error": null
                     *             }
                     *           ],
                     *           "nextAttemptAt": "2026-11-20T08:15:05.450Z",
                     *           "createdAt": "2026-11-20T08:15:00.210Z"
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["WebhookDelivery"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    testWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One event on its way to one webhook. Kept for 30 days. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "eventId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a70",
                     *       "type": "article.published",
                     *       "state": "failed",
                     *       "attempts": [
                     *         {
                     *           "at": "2026-11-20T08:15:00.412Z",
                     *           "status": 503,
                     *           "durationMs": 38,
                     *           "error": null
                     *         }
                     *       ],
                     *       "nextAttemptAt": "2026-11-20T08:15:05.450Z",
                     *       "createdAt": "2026-11-20T08:15:00.210Z"
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    replayWebhookDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
                /**
                 * @description The `eventId` of the delivery, which its receiver knows as `webhook-id`.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a71
                 */
                deliveryId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One event on its way to one webhook. Kept for 30 days. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "eventId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a70",
                     *       "type": "article.published",
                     *       "state": "failed",
                     *       "attempts": [
                     *         {
                     *           "at": "2026-11-20T08:15:00.412Z",
                     *           "status": 503,
                     *           "durationMs": 38,
                     *           "error": null
                     *         }
                     *       ],
                     *       "nextAttemptAt": "2026-11-20T08:15:05.450Z",
                     *       "createdAt": "2026-11-20T08:15:00.210Z"
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    replayWebhookDeliveries: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "since": "2026-11-20T08:00:00Z",
                 *       "until": "2026-11-20T10:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["WebhookReplay"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "deliveries": 42
                     *     }
                     */
                    "application/json": components["schemas"]["ReplayedDeliveries"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getSite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A BCP 47 language tag in canonical case: `en`, `pt-BR`, `zh-Hant`.
                 * @example en
                 */
                locale: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What a front end in one locale needs besides the stories. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "locale": "en",
                     *       "isDefault": true,
                     *       "articleUrl": "https://news.example/{locale}/{slug}",
                     *       "fallbacks": [],
                     *       "name": "The Harbour Record",
                     *       "tagline": "News from the coast",
                     *       "timeZone": "Europe/Riga",
                     *       "navigation": [
                     *         {
                     *           "label": "World",
                     *           "url": "/en/world"
                     *         }
                     *       ],
                     *       "networks": [
                     *         {
                     *           "network": "youtube",
                     *           "label": "Follow us on YouTube",
                     *           "url": "https://www.youtube.com/@harbour-record"
                     *         }
                     *       ],
                     *       "apps": [],
                     *       "shareChannels": [
                     *         "x",
                     *         "facebook",
                     *         "telegram",
                     *         "whatsapp",
                     *         "linkedin",
                     *         "reddit",
                     *         "bluesky",
                     *         "threads",
                     *         "email"
                     *       ],
                     *       "terms": {
                     *         "text": "Any use of materials is allowed only with a hyperlink to {link}.",
                     *         "link": {
                     *           "label": "The Harbour Record",
                     *           "url": "https://news.example/"
                     *         }
                     *       },
                     *       "copyright": "© {year} The Harbour Record",
                     *       "strings": {},
                     *       "version": 3,
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Site"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    changeSite: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The ETag of the version you read, such as `"7"`.
                 * @example "1"
                 */
                "if-match": string;
            };
            path: {
                /**
                 * @description A BCP 47 language tag in canonical case: `en`, `pt-BR`, `zh-Hant`.
                 * @example en
                 */
                locale: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "tagline": "News from the coast and the islands"
                 *     }
                 */
                "application/json": components["schemas"]["SitePatch"];
                /**
                 * @example {
                 *       "tagline": "News from the coast and the islands"
                 *     }
                 */
                "application/merge-patch+json": components["schemas"]["SitePatch"];
            };
        };
        responses: {
            /** @description What a front end in one locale needs besides the stories. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["Version"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "locale": "en",
                     *       "isDefault": true,
                     *       "articleUrl": "https://news.example/{locale}/{slug}",
                     *       "fallbacks": [],
                     *       "name": "The Harbour Record",
                     *       "tagline": "News from the coast",
                     *       "timeZone": "Europe/Riga",
                     *       "navigation": [
                     *         {
                     *           "label": "World",
                     *           "url": "/en/world"
                     *         }
                     *       ],
                     *       "networks": [
                     *         {
                     *           "network": "youtube",
                     *           "label": "Follow us on YouTube",
                     *           "url": "https://www.youtube.com/@harbour-record"
                     *         }
                     *       ],
                     *       "apps": [],
                     *       "shareChannels": [
                     *         "x",
                     *         "facebook",
                     *         "telegram",
                     *         "whatsapp",
                     *         "linkedin",
                     *         "reddit",
                     *         "bluesky",
                     *         "threads",
                     *         "email"
                     *       ],
                     *       "terms": {
                     *         "text": "Any use of materials is allowed only with a hyperlink to {link}.",
                     *         "link": {
                     *           "label": "The Harbour Record",
                     *           "url": "https://news.example/"
                     *         }
                     *       },
                     *       "copyright": "© {year} The Harbour Record",
                     *       "strings": {},
                     *       "version": 3,
                     *       "updatedAt": "2026-11-20T08:15:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Site"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            428: components["responses"]["Problem428"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listAudit: {
        parameters: {
            query?: {
                /**
                 * @description Who did it.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13
                 */
                user?: string;
                /**
                 * @description Through which session.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a20
                 */
                session?: string;
                /**
                 * @description Through which API key.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a33
                 */
                key?: string;
                /**
                 * @description Such as `article.published`.
                 * @example article.published
                 */
                action?: string;
                /**
                 * @description Such as `article` or `site:en`.
                 * @example article
                 */
                resource?: string;
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                resourceId?: string;
                /**
                 * @description From this moment on.
                 * @example 2026-11-20T08:00:00Z
                 */
                since?: string;
                /**
                 * @description Before this moment.
                 * @example 2026-11-20T10:00:00Z
                 */
                until?: string;
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a60",
                     *           "at": "2026-11-20T08:15:00.000Z",
                     *           "userId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *           "sessionId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a20",
                     *           "apiKeyId": null,
                     *           "action": "article.stage_moved",
                     *           "resource": "article",
                     *           "resourceId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *           "fields": [
                     *             "stage"
                     *           ],
                     *           "details": {
                     *             "from": "draft",
                     *             "to": "in_review"
                     *           },
                     *           "network": "203.0.113.0/24",
                     *           "requestId": "6b1f2f3e-8a57-4d0b-9d9d-2f1c6a7e4b10",
                     *           "position": 1,
                     *           "hash": "3f994bbc03bc9a0aedf1e2e8c5b2b9b5c683e296aa28b86c26ab3673e291a464"
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["AuditEntry"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listLiveArticles: {
        parameters: {
            query?: {
                /**
                 * @description The language; without it, the default site’s.
                 * @example en
                 */
                locale?: string;
                /**
                 * @description Slug of a tag; repeatable.
                 * @example [
                 *       "shipping"
                 *     ]
                 */
                tag?: string[];
                /**
                 * @description With several tags: any of them (default), or all.
                 * @example any
                 */
                tagMode?: "any" | "all";
                /**
                 * @description Slug of a tag that must not be there; repeatable.
                 * @example [
                 *       "sport"
                 *     ]
                 */
                excludeTag?: string[];
                /**
                 * @description Slug of an author.
                 * @example maya-lindqvist
                 */
                author?: string;
                /**
                 * @description Name of the credited source, exactly.
                 * @example The Lantern Review
                 */
                source?: string;
                /**
                 * @description Inclusive.
                 * @example 2026-11-20T08:00:00Z
                 */
                publishedAfter?: string;
                /**
                 * @description Exclusive.
                 * @example 2026-11-20T10:00:00Z
                 */
                publishedBefore?: string;
                /**
                 * @description Members of the items, separated by commas: they have these and no others. Without it they are whole.
                 * @example slug,headline,publishedAt
                 */
                fields?: string;
                /**
                 * @description With `fields`: `tags`, `authors` or both besides. Without `fields` they are there already.
                 * @example tags,authors
                 */
                include?: string;
                /**
                 * @description A minus means newest first; without it, `-publishedAt`.
                 * @example publishedAt
                 */
                sort?: "-publishedAt" | "publishedAt" | "-updatedAt" | "updatedAt";
                /**
                 * @description What will be, or was, live at this moment. Takes a token of an editor; tags, links and texts are today’s.
                 * @example 2026-12-24T18:00:00Z
                 */
                at?: string;
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *           "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *           "locale": "en",
                     *           "slug": "ferry-line-reopens",
                     *           "url": "https://news.example/en/ferry-line-reopens",
                     *           "headline": "Ferry line reopens after two winters",
                     *           "kicker": "Coast",
                     *           "standfirst": "The first boat left with forty passengers and a dog.",
                     *           "authors": [
                     *             {
                     *               "slug": "maya-lindqvist",
                     *               "name": "Maya Lindqvist"
                     *             }
                     *           ],
                     *           "source": null,
                     *           "tags": [
                     *             {
                     *               "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12",
                     *               "kind": "topic",
                     *               "slug": "shipping",
                     *               "name": "Shipping",
                     *               "locale": "en"
                     *             }
                     *           ],
                     *           "image": null,
                     *           "dateline": "Port Ansel",
                     *           "breaking": false,
                     *           "accessibleForFree": true,
                     *           "sensitive": false,
                     *           "wordCount": 312,
                     *           "seo": {
                     *             "title": null,
                     *             "description": null,
                     *             "canonicalUrl": null
                     *           },
                     *           "rights": null,
                     *           "corrections": [],
                     *           "publishedAt": "2026-11-20T08:15:00.000Z",
                     *           "updatedAt": "2026-11-20T08:15:00.000Z"
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["ContentArticleItems"] | components["schemas"]["ContentArticleItemParts"];
                };
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getLiveArticle: {
        parameters: {
            query?: {
                /**
                 * @description The language; without it, the default site’s.
                 * @example en
                 */
                locale?: string;
                /**
                 * @description Which forms of the body, separated by commas: `html` (default), `blocks`, `markdown`, `text`.
                 * @example html,text
                 */
                body?: string;
                /**
                 * @description What to show besides: `share`, its share bar; `related`, stories with most in common with it; `jsonld`, what search engines want to know.
                 * @example share,related
                 */
                include?: string;
                /**
                 * @description What will be, or was, live at this moment. Takes a token of an editor; tags, links and texts are today’s.
                 * @example 2026-12-24T18:00:00Z
                 */
                at?: string;
            };
            header?: never;
            path: {
                /** @example ferry-line-reopens */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A live article. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    "Content-Language": components["headers"]["ContentLanguage"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *       "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *       "locale": "en",
                     *       "slug": "ferry-line-reopens",
                     *       "url": "https://news.example/en/ferry-line-reopens",
                     *       "headline": "Ferry line reopens after two winters",
                     *       "kicker": "Coast",
                     *       "standfirst": "The first boat left with forty passengers and a dog.",
                     *       "authors": [
                     *         {
                     *           "slug": "maya-lindqvist",
                     *           "name": "Maya Lindqvist"
                     *         }
                     *       ],
                     *       "source": null,
                     *       "tags": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12",
                     *           "kind": "topic",
                     *           "slug": "shipping",
                     *           "name": "Shipping",
                     *           "locale": "en"
                     *         }
                     *       ],
                     *       "image": null,
                     *       "dateline": "Port Ansel",
                     *       "breaking": false,
                     *       "accessibleForFree": true,
                     *       "sensitive": false,
                     *       "wordCount": 312,
                     *       "seo": {
                     *         "title": null,
                     *         "description": null,
                     *         "canonicalUrl": null
                     *       },
                     *       "rights": null,
                     *       "corrections": [],
                     *       "publishedAt": "2026-11-20T08:15:00.000Z",
                     *       "updatedAt": "2026-11-20T08:15:00.000Z",
                     *       "body": {
                     *         "html": "<p>The first boat left at six.</p>"
                     *       },
                     *       "translations": []
                     *     }
                     */
                    "application/json": components["schemas"]["ContentArticle"];
                };
            };
            /** @description It has another address now. */
            301: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    /** @description The same route with the present slug. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            410: components["responses"]["Problem410"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listTrending: {
        parameters: {
            query?: {
                /**
                 * @description How far back views count: the last hour (each counts half after 30 minutes), 24 hours (6 hours), 7 days (48 hours).
                 * @example 24h
                 */
                window?: "1h" | "24h" | "7d";
                /**
                 * @description The language; without it, the default site’s.
                 * @example en
                 */
                locale?: string;
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description What will be, or was, live at this moment. Takes a token of an editor; tags, links and texts are today’s.
                 * @example 2026-12-24T18:00:00Z
                 */
                at?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is read most. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *           "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *           "locale": "en",
                     *           "slug": "ferry-line-reopens",
                     *           "url": "https://news.example/en/ferry-line-reopens",
                     *           "headline": "Ferry line reopens after two winters",
                     *           "kicker": "Coast",
                     *           "standfirst": "The first boat left with forty passengers and a dog.",
                     *           "authors": [
                     *             {
                     *               "slug": "maya-lindqvist",
                     *               "name": "Maya Lindqvist"
                     *             }
                     *           ],
                     *           "source": null,
                     *           "tags": [
                     *             {
                     *               "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12",
                     *               "kind": "topic",
                     *               "slug": "shipping",
                     *               "name": "Shipping",
                     *               "locale": "en"
                     *             }
                     *           ],
                     *           "image": null,
                     *           "dateline": "Port Ansel",
                     *           "breaking": false,
                     *           "accessibleForFree": true,
                     *           "sensitive": false,
                     *           "wordCount": 312,
                     *           "seo": {
                     *             "title": null,
                     *             "description": null,
                     *             "canonicalUrl": null
                     *           },
                     *           "rights": null,
                     *           "corrections": [],
                     *           "publishedAt": "2026-11-20T08:15:00.000Z",
                     *           "updatedAt": "2026-11-20T08:15:00.000Z"
                     *         }
                     *       ],
                     *       "computedAt": "2026-11-20T12:00:00.000Z",
                     *       "window": "24h"
                     *     }
                     */
                    "application/json": components["schemas"]["ContentTrending"];
                };
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getShareBar: {
        parameters: {
            query?: {
                /**
                 * @description The language; without it, the default site’s.
                 * @example en
                 */
                locale?: string;
                /**
                 * @description What will be, or was, live at this moment. Takes a token of an editor; tags, links and texts are today’s.
                 * @example 2026-12-24T18:00:00Z
                 */
                at?: string;
            };
            header?: never;
            path: {
                /** @example ferry-line-reopens */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What a share bar needs, in the language of the article. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    "Content-Language": components["headers"]["ContentLanguage"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "prompt": "Liked the story? Share it on social media!",
                     *       "copy": {
                     *         "label": "Copy link",
                     *         "url": "http://localhost:3000/s/k7m3xw9p",
                     *         "done": "Link copied"
                     *       },
                     *       "networks": [
                     *         {
                     *           "channel": "facebook",
                     *           "label": "Facebook",
                     *           "url": "https://www.facebook.com/sharer/sharer.php?u=http%3A%2F%2Flocalhost%3A3000%2Fs%2Fb5n8fq2t"
                     *         }
                     *       ],
                     *       "qr": "http://localhost:3000/s/d4h9rk6v/qr.svg"
                     *     }
                     */
                    "application/json": components["schemas"]["ShareBar"];
                };
            };
            /** @description It has another address now. */
            301: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    /** @description The same route with the present slug. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            410: components["responses"]["Problem410"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getQrSvg: {
        parameters: {
            query?: {
                /**
                 * @description Width and height in pixels; 512 without it.
                 * @example 512
                 */
                size?: number;
                /**
                 * @description The blank around the code, in modules; 4 without it, as readers of codes want it.
                 * @example 4
                 */
                margin?: number;
            };
            header?: never;
            path: {
                /** @example k7Qm2x */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The picture. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29"><path d="M4 4.5h7m1 0h1"/></svg> */
                    "image/svg+xml": string;
                };
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            404: components["responses"]["Problem404"];
            410: components["responses"]["Problem410"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getQrPng: {
        parameters: {
            query?: {
                /**
                 * @description Width and height in pixels; 512 without it.
                 * @example 512
                 */
                size?: number;
                /**
                 * @description The blank around the code, in modules; 4 without it, as readers of codes want it.
                 * @example 4
                 */
                margin?: number;
            };
            header?: never;
            path: {
                /** @example k7Qm2x */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The picture. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example �PNG */
                    "image/png": string;
                };
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            404: components["responses"]["Problem404"];
            410: components["responses"]["Problem410"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listLiveTags: {
        parameters: {
            query?: {
                /**
                 * @description The language; without it, the default site’s.
                 * @example en
                 */
                locale?: string;
                /** @example topic */
                kind?: "topic" | "person" | "organisation" | "place" | "section" | "series";
                /**
                 * @description What will be, or was, live at this moment. Takes a token of an editor; tags, links and texts are today’s.
                 * @example 2026-12-24T18:00:00Z
                 */
                at?: string;
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12",
                     *           "kind": "topic",
                     *           "slug": "shipping",
                     *           "name": "Shipping",
                     *           "description": null,
                     *           "locale": "en",
                     *           "parent": null,
                     *           "articleCount": 12
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ContentTag"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getLiveTag: {
        parameters: {
            query?: {
                /**
                 * @description The language; without it, the default site’s.
                 * @example en
                 */
                locale?: string;
                /**
                 * @description What will be, or was, live at this moment. Takes a token of an editor; tags, links and texts are today’s.
                 * @example 2026-12-24T18:00:00Z
                 */
                at?: string;
            };
            header?: never;
            path: {
                /** @example ferry-line-reopens */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    "Content-Language": components["headers"]["ContentLanguage"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12",
                     *       "kind": "topic",
                     *       "slug": "shipping",
                     *       "name": "Shipping",
                     *       "description": null,
                     *       "locale": "en",
                     *       "parent": null,
                     *       "articleCount": 12
                     *     }
                     */
                    "application/json": components["schemas"]["ContentTag"];
                };
            };
            /** @description It has another address now. */
            301: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    /** @description The same route with the present slug. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listLiveAuthors: {
        parameters: {
            query?: {
                /**
                 * @description The language; without it, the default site’s.
                 * @example en
                 */
                locale?: string;
                /**
                 * @description What will be, or was, live at this moment. Takes a token of an editor; tags, links and texts are today’s.
                 * @example 2026-12-24T18:00:00Z
                 */
                at?: string;
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "slug": "maya-lindqvist",
                     *           "name": "Maya Lindqvist",
                     *           "bio": "Maya Lindqvist writes about ports and the people in them.",
                     *           "locale": "en",
                     *           "image": null,
                     *           "links": [
                     *             {
                     *               "label": "Mastodon",
                     *               "url": "https://mastodon.example/@maya"
                     *             }
                     *           ],
                     *           "articleCount": 12
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ContentAuthor"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getLiveAuthor: {
        parameters: {
            query?: {
                /**
                 * @description The language; without it, the default site’s.
                 * @example en
                 */
                locale?: string;
                /**
                 * @description What will be, or was, live at this moment. Takes a token of an editor; tags, links and texts are today’s.
                 * @example 2026-12-24T18:00:00Z
                 */
                at?: string;
            };
            header?: never;
            path: {
                /** @example ferry-line-reopens */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    "Content-Language": components["headers"]["ContentLanguage"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "slug": "maya-lindqvist",
                     *       "name": "Maya Lindqvist",
                     *       "bio": "Maya Lindqvist writes about ports and the people in them.",
                     *       "locale": "en",
                     *       "image": null,
                     *       "links": [
                     *         {
                     *           "label": "Mastodon",
                     *           "url": "https://mastodon.example/@maya"
                     *         }
                     *       ],
                     *       "articleCount": 12
                     *     }
                     */
                    "application/json": components["schemas"]["ContentAuthor"];
                };
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getLiveList: {
        parameters: {
            query?: {
                /**
                 * @description The language; without it, the default site’s.
                 * @example en
                 */
                locale?: string;
                /**
                 * @description What will be, or was, live at this moment. Takes a token of an editor; tags, links and texts are today’s.
                 * @example 2026-12-24T18:00:00Z
                 */
                at?: string;
            };
            header?: never;
            path: {
                /** @example ferry-line-reopens */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A curated list of live articles. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    "Content-Language": components["headers"]["ContentLanguage"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "slug": "world-news",
                     *       "title": "The most important world news",
                     *       "locale": "en",
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *           "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *           "locale": "en",
                     *           "slug": "ferry-line-reopens",
                     *           "url": "https://news.example/en/ferry-line-reopens",
                     *           "headline": "Ferry line reopens after two winters",
                     *           "kicker": "Coast",
                     *           "standfirst": "The first boat left with forty passengers and a dog.",
                     *           "authors": [
                     *             {
                     *               "slug": "maya-lindqvist",
                     *               "name": "Maya Lindqvist"
                     *             }
                     *           ],
                     *           "source": null,
                     *           "tags": [
                     *             {
                     *               "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12",
                     *               "kind": "topic",
                     *               "slug": "shipping",
                     *               "name": "Shipping",
                     *               "locale": "en"
                     *             }
                     *           ],
                     *           "image": null,
                     *           "dateline": "Port Ansel",
                     *           "breaking": false,
                     *           "accessibleForFree": true,
                     *           "sensitive": false,
                     *           "wordCount": 312,
                     *           "seo": {
                     *             "title": null,
                     *             "description": null,
                     *             "canonicalUrl": null
                     *           },
                     *           "rights": null,
                     *           "corrections": [],
                     *           "publishedAt": "2026-11-20T08:15:00.000Z",
                     *           "updatedAt": "2026-11-20T08:15:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ContentList"];
                };
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getPublicSite: {
        parameters: {
            query?: {
                /**
                 * @description The language; without it, the default site’s.
                 * @example en
                 */
                locale?: string;
                /**
                 * @description What will be, or was, live at this moment. Takes a token of an editor; tags, links and texts are today’s.
                 * @example 2026-12-24T18:00:00Z
                 */
                at?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What a front end in one locale needs besides the stories. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    "Content-Language": components["headers"]["ContentLanguage"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "locale": "en",
                     *       "direction": "ltr",
                     *       "name": "The Harbour Record",
                     *       "tagline": "News from the coast",
                     *       "timeZone": "Europe/Riga",
                     *       "navigation": [
                     *         {
                     *           "label": "World",
                     *           "url": "/en/world"
                     *         }
                     *       ],
                     *       "networks": [
                     *         {
                     *           "network": "youtube",
                     *           "label": "Follow us on YouTube",
                     *           "url": "https://www.youtube.com/@harbour-record"
                     *         }
                     *       ],
                     *       "apps": [],
                     *       "terms": {
                     *         "text": "Any use of materials is allowed only with a hyperlink to {link}.",
                     *         "link": {
                     *           "label": "The Harbour Record",
                     *           "url": "https://news.example/"
                     *         }
                     *       },
                     *       "copyright": "© 2026 The Harbour Record",
                     *       "strings": {
                     *         "views": "Views: {count}",
                     *         "sharePrompt": "Liked the story? Share it on social media!",
                     *         "copyLink": "Copy link",
                     *         "linkCopied": "Link copied",
                     *         "email": "Email",
                     *         "topStories": "The most important world news",
                     *         "latestNews": "Latest news",
                     *         "relatedStories": "Read also",
                     *         "source": "Source",
                     *         "sourceReports": "{source} reports",
                     *         "publishedAt": "Published",
                     *         "updatedAt": "Updated",
                     *         "correction": "Correction",
                     *         "by": "By",
                     *         "tags": "Tags",
                     *         "followUs": "Follow us",
                     *         "getTheApp": "Get the app",
                     *         "search": "Search",
                     *         "nothingFound": "Nothing found",
                     *         "loadMore": "Show more",
                     *         "home": "Home",
                     *         "navigation": "Sections",
                     *         "languages": "Languages",
                     *         "notFound": "There is no such page",
                     *         "gone": "This story has been taken down"
                     *       },
                     *       "locales": [
                     *         {
                     *           "locale": "en",
                     *           "name": "The Harbour Record",
                     *           "isDefault": true
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ContentSite"];
                };
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    resolvePath: {
        parameters: {
            query: {
                /**
                 * @description A path with its query, or a whole address, of which the host does not count.
                 * @example /2019/05/ferry-line-reopens?p=7
                 */
                path: string;
                /**
                 * @description The language; without it, the default site’s.
                 * @example en
                 */
                locale?: string;
                /**
                 * @description What will be, or was, live at this moment. Takes a token of an editor; tags, links and texts are today’s.
                 * @example 2026-12-24T18:00:00Z
                 */
                at?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What a path is now; members that do not apply are null. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "article",
                     *       "locale": "en",
                     *       "slug": "ferry-line-reopens",
                     *       "url": "https://news.example/en/ferry-line-reopens",
                     *       "path": null
                     *     }
                     */
                    "application/json": components["schemas"]["Resolved"];
                };
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getRssFeed: {
        parameters: {
            query?: {
                /**
                 * @description The language; without it, the default site’s.
                 * @example en
                 */
                locale?: string;
                /**
                 * @description Slug of a tag; its articles only.
                 * @example shipping
                 */
                tag?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description RSS 2.0 */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    "Content-Language": components["headers"]["ContentLanguage"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example <?xml version="1.0" encoding="UTF-8"?>
                     *     <rss version="2.0"><channel><title>The Harbour Gazette</title><link>https://news.example/en</link><description>News from the coast.</description></channel></rss>
                     */
                    "application/rss+xml": string;
                };
            };
            /** @description The tag has another slug now. */
            301: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    /** @description The same feed with the present slug. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getAtomFeed: {
        parameters: {
            query?: {
                /**
                 * @description The language; without it, the default site’s.
                 * @example en
                 */
                locale?: string;
                /**
                 * @description Slug of a tag; its articles only.
                 * @example shipping
                 */
                tag?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Atom */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    "Content-Language": components["headers"]["ContentLanguage"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example <?xml version="1.0" encoding="UTF-8"?>
                     *     <feed xmlns="http://www.w3.org/2005/Atom"><id>https://news.example/en</id><title>The Harbour Gazette</title><updated>2026-11-20T08:15:00.000Z</updated></feed>
                     */
                    "application/atom+xml": string;
                };
            };
            /** @description The tag has another slug now. */
            301: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    /** @description The same feed with the present slug. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getJsonFeed: {
        parameters: {
            query?: {
                /**
                 * @description The language; without it, the default site’s.
                 * @example en
                 */
                locale?: string;
                /**
                 * @description Slug of a tag; its articles only.
                 * @example shipping
                 */
                tag?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description JSON Feed 1.1 */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["EntityTag"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    "Content-Language": components["headers"]["ContentLanguage"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "version": "https://jsonfeed.org/version/1.1",
                     *       "title": "The Harbour Record",
                     *       "home_page_url": "https://news.example/en",
                     *       "feed_url": "https://dateline.example/feeds/feed.json?locale=en",
                     *       "description": "News from the coast",
                     *       "language": "en",
                     *       "authors": [
                     *         {
                     *           "name": "The Harbour Record",
                     *           "url": "https://news.example/en"
                     *         }
                     *       ],
                     *       "_dateline": {
                     *         "rights": "© 2026 The Harbour Record"
                     *       },
                     *       "items": [
                     *         {
                     *           "id": "urn:uuid:019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *           "url": "https://news.example/en/ferry-line-reopens",
                     *           "title": "Ferry line reopens after two winters",
                     *           "content_text": "The first boat left with forty passengers and a dog.",
                     *           "date_published": "2026-11-20T08:15:00.000Z",
                     *           "date_modified": "2026-11-20T08:15:00.000Z",
                     *           "authors": [
                     *             {
                     *               "name": "Maya Lindqvist"
                     *             }
                     *           ],
                     *           "tags": [
                     *             "Shipping"
                     *           ],
                     *           "language": "en",
                     *           "_dateline": {
                     *             "source": null,
                     *             "rights": null
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/feed+json": components["schemas"]["JsonFeed"];
                };
            };
            /** @description The tag has another slug now. */
            301: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    /** @description The same feed with the present slug. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getSitemapIndex: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A sitemap. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example <?xml version="1.0" encoding="UTF-8"?>
                     *     <sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>https://api.news.example/sitemaps/en-2026-11-1.xml</loc></sitemap></sitemapindex>
                     */
                    "application/xml": string;
                };
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getSitemap: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description As the index names it: locale, month of first publication and part.
                 * @example en-2026-11-1.xml
                 */
                page: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A sitemap. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example <?xml version="1.0" encoding="UTF-8"?>
                     *     <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://news.example/en/ferry-line-reopens</loc></url></urlset>
                     */
                    "application/xml": string;
                };
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getNewsSitemap: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A sitemap. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example <?xml version="1.0" encoding="UTF-8"?>
                     *     <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://news.example/en/ferry-line-reopens</loc></url></urlset>
                     */
                    "application/xml": string;
                };
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getOEmbed: {
        parameters: {
            query: {
                /**
                 * @description Address of an article on the front end.
                 * @example https://news.example/en/ferry-line-reopens
                 */
                url: string;
                /**
                 * @description Default `json`. Another one is a 400, where oEmbed says 501.
                 * @example json
                 */
                format?: "json" | "xml";
                /**
                 * @description Pixels.
                 * @example 600
                 */
                maxwidth?: number;
                /**
                 * @description Pixels.
                 * @example 400
                 */
                maxheight?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description oEmbed 1.0, type `link`. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    ETag: components["headers"]["EntityTag"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "version": "1.0",
                     *       "type": "link",
                     *       "title": "Ferry line reopens after two winters",
                     *       "author_name": "Maya Lindqvist",
                     *       "provider_name": "The Harbour Record",
                     *       "provider_url": "https://news.example/en",
                     *       "cache_age": 3600
                     *     }
                     */
                    "application/json": components["schemas"]["OEmbed"];
                    /**
                     * @example <?xml version="1.0" encoding="UTF-8"?>
                     *     <oembed><version>1.0</version><type>link</type><title>Ferry line reopens after two winters</title></oembed>
                     */
                    "text/xml": string;
                };
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    searchLiveArticles: {
        parameters: {
            query: {
                /**
                 * @description Words that must all be there, `"a phrase"`, `or`, and `-` before what must not be there. The first 24 words count.
                 * @example ferry
                 */
                q: string;
                /**
                 * @description The language; without it, the default site’s.
                 * @example en
                 */
                locale?: string;
                /**
                 * @description Slug of a tag: only articles that have it.
                 * @example shipping
                 */
                tag?: string;
                /**
                 * @description What will be, or was, live at this moment. Takes a token of an editor; tags, links and texts are today’s.
                 * @example 2026-12-24T18:00:00Z
                 */
                at?: string;
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *           "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *           "locale": "en",
                     *           "slug": "ferry-line-reopens",
                     *           "url": "https://news.example/en/ferry-line-reopens",
                     *           "headline": "Ferry line reopens after two winters",
                     *           "kicker": "Coast",
                     *           "standfirst": "The first boat left with forty passengers and a dog.",
                     *           "authors": [
                     *             {
                     *               "slug": "maya-lindqvist",
                     *               "name": "Maya Lindqvist"
                     *             }
                     *           ],
                     *           "source": null,
                     *           "tags": [
                     *             {
                     *               "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12",
                     *               "kind": "topic",
                     *               "slug": "shipping",
                     *               "name": "Shipping",
                     *               "locale": "en"
                     *             }
                     *           ],
                     *           "image": null,
                     *           "dateline": "Port Ansel",
                     *           "breaking": false,
                     *           "accessibleForFree": true,
                     *           "sensitive": false,
                     *           "wordCount": 312,
                     *           "seo": {
                     *             "title": null,
                     *             "description": null,
                     *             "canonicalUrl": null
                     *           },
                     *           "rights": null,
                     *           "corrections": [],
                     *           "publishedAt": "2026-11-20T08:15:00.000Z",
                     *           "updatedAt": "2026-11-20T08:15:00.000Z",
                     *           "highlights": [
                     *             {
                     *               "field": "headline",
                     *               "start": 0,
                     *               "end": 5
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ContentFound"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listChanges: {
        parameters: {
            query?: {
                /**
                 * @description Where to go on: an `id` or `page.next`, with the same `locale`.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
                /**
                 * @description Only articles of this locale; absent = of all.
                 * @example en
                 */
                locale?: string;
                /**
                 * @description How many to give.
                 * @example 20
                 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "wJUOyCjoQp4tIcXUq4XAdVs0MTcyXQ",
                     *           "type": "upsert",
                     *           "article": {
                     *             "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *             "storyId": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11",
                     *             "locale": "en",
                     *             "slug": "ferry-line-reopens"
                     *           },
                     *           "reason": "published",
                     *           "at": "2026-11-20T08:15:00.000Z"
                     *         }
                     *       ],
                     *       "page": {
                     *         "limit": 20,
                     *         "hasMore": false,
                     *         "next": null,
                     *         "prev": null
                     *       }
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Change"][];
                        page: components["schemas"]["Page"];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            410: components["responses"]["Problem410"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    streamChanges: {
        parameters: {
            query?: {
                /**
                 * @description Where to go on: an `id` or `page.next`, with the same `locale`.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLCIyMDI2LTExLTIwVDA4OjE1OjAwLjAwMFoiXQ
                 */
                cursor?: string;
                /**
                 * @description Only articles of this locale; absent = of all.
                 * @example en
                 */
                locale?: string;
            };
            header?: {
                /**
                 * @description The `id` of the last event that came.
                 * @example Yk1vT0pM2s9QJ0nXcV7bE1swLDEyMDdd
                 */
                "last-event-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events: `id` is the cursor, `event` the type (`upsert` or `remove`), `data` a Change. A comment comes every 15 seconds when there is nothing to tell. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example id: wJUOyCjoQp4tIcXUq4XAdVs0MTcyXQ
                     *     event: upsert
                     *     data: {"id":"wJUOyCjoQp4tIcXUq4XAdVs0MTcyXQ","type":"upsert","article":{"id":"019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10","storyId":"019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11","locale":"en","slug":"ferry-line-reopens"},"reason":"published","at":"2026-11-20T08:15:00.000Z"}
                     */
                    "text/event-stream": unknown;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            410: components["responses"]["Problem410"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listViews: {
        parameters: {
            query: {
                /**
                 * @description Ids of articles, separated by commas: 1 to 100. One that is repeated is told once.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                ids: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How often articles were read. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": "019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10",
                     *           "total": 69,
                     *           "last24h": 12
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ContentViews"];
                };
            };
            /** @description You have it already (If-None-Match). */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    ETag: components["headers"]["EntityTag"];
                    "Surrogate-Key": components["headers"]["SurrogateKey"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    followShareLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example k7Qm2x */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description For robots: a card of the article. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    /** @description `noindex`, unless the link is indexable. */
                    "X-Robots-Tag"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /** @example <!doctype html><html lang="en"><title>stale_version</title><h1>stale_version</h1></html> */
                    "text/html": string;
                };
            };
            /** @description To the article, for a link that is permanent. */
            301: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    /** @description The article’s address, or `expiredUrl`. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description To the article. */
            302: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    /** @description The article’s address, or `expiredUrl`. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            404: components["responses"]["Problem404"];
            410: components["responses"]["Problem410"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    countView: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, version 7.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Counted, or not to be counted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            413: components["responses"]["Problem413"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    receiveEvent: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The id of the event.
                 * @example 019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a70
                 */
                "webhook-id": string;
                /**
                 * @description When this try was made, in seconds of Unix time.
                 * @example 1795162500
                 */
                "webhook-timestamp": string;
                /**
                 * @description `v1,` and a HMAC-SHA256 in Base64.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookEvent"];
            };
        };
        responses: {
            /** @description Not wanted any more: disables the webhook. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
