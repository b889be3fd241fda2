// @ts-nocheck: what runs in a browser has other names than Node.
// Tells Dateline that the article is before a reader. A page the browser made in advance is before nobody yet.
{
  const { views } = document.currentScript.dataset
  const tell = () => navigator.sendBeacon(views)
  if (document.prerendering) document.addEventListener('prerenderingchange', tell, { once: true })
  else tell()
}
