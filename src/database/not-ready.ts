/** Why Dateline cannot work with a database: words for whoever starts or operates it, which need nothing beside them. */
export class NotReady extends Error {
  constructor(message: string, cause?: Error) {
    super(message, cause && { cause })
    this.name = 'NotReady'
  }
}
