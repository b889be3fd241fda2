/** Copies a short address instead of following it, and says so in the words the page was given. Without this script it is a link. */
for (const link of document.querySelectorAll('a[data-done]')) {
  const said = document.querySelector('.share [role="status"]')
  link.addEventListener('click', async (event) => {
    const { href, dataset } = /** @type {HTMLAnchorElement} */ (link)
    const { ctrlKey, metaKey, shiftKey, altKey } = /** @type {MouseEvent} */ (event)
    // Not on a page that came unencrypted; and who asks for another window shall have it.
    if (!navigator.clipboard || !said || ctrlKey || metaKey || shiftKey || altKey) return
    event.preventDefault()
    said.textContent = ''
    try {
      await navigator.clipboard.writeText(href)
      said.textContent = dataset.done ?? ''
    } catch {
      location.assign(href)
    }
  })
}
