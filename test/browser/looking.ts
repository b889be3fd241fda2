/** What is looked at inside the browser. Each function is sent into the page, so it can use nothing from outside. */

export type Shown = {
  text: string
  where: string
  datetime: string | null
  hreflang: string | null
  between: boolean
}

/** Every text a reader, a screen reader or whoever the page is passed on to may meet. */
export function allTexts(): Shown[] {
  const shown: Shown[] = []
  const put = (text: string | null, element: Element) => {
    if (!text?.trim()) return
    const switched = element.closest('.languages li')
    shown.push({
      text: text.trim(),
      where: element.tagName.toLowerCase() + (element.className ? `.${element.className}` : ''),
      datetime: element.closest('time')?.getAttribute('datetime') ?? null,
      hreflang: switched
        ? (switched.querySelector('a')?.getAttribute('hreflang') ?? document.documentElement.lang)
        : null,
      // What the language puts between the names of several authors.
      between: element.matches('.byline')
    })
  }
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement as Element
    if (!parent.matches('script')) put(node.textContent, parent)
  }
  for (const element of document.querySelectorAll('*')) {
    for (const name of [
      'alt',
      'title',
      'aria-label',
      'aria-description',
      'placeholder',
      'value',
      'label',
      'data-done'
    ]) {
      put(element.getAttribute(name), element)
    }
    for (const pseudo of ['::before', '::after']) {
      const { content } = getComputedStyle(element, pseudo)
      if (content.startsWith('"')) put(content.slice(1, -1), element)
    }
  }
  const spoken =
    'description og:title og:description og:site_name og:image:alt article:author article:tag'.split(' ')
  for (const meta of document.querySelectorAll('meta')) {
    if (spoken.includes(meta.getAttribute('property') ?? meta.name)) put(meta.content, meta)
  }
  return shown
}

/** Texts with too little contrast to what is behind them (WCAG 2, AA for small text). */
export function faintTexts(): { faint: string[]; looked: number } {
  const numbers = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number)
  const luminance = (color: number[]) => {
    const [r = 0, g = 0, b = 0] = color.slice(0, 3).map((part) => {
      const share = part / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (element: Element | null): number[] => {
    for (let one = element; one; one = one.parentElement) {
      const color = numbers(getComputedStyle(one).backgroundColor)
      if ((color[3] ?? 1) === 1) return color
      if ((color[3] ?? 1) > 0) throw new Error(`${one.tagName} is half transparent`)
    }
    throw new Error('nothing is behind the page')
  }
  const faint: string[] = []
  let looked = 0
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement as Element
    if (!node.textContent?.trim() || element.matches('script')) continue
    const style = getComputedStyle(element)
    if (Number(style.opacity) !== 1) faint.push(`opacity of ${element.className}`)
    const [one, other] = [luminance(numbers(style.color)), luminance(behind(element))]
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
    looked++
    if (ratio < 4.5)
      faint.push(`${ratio.toFixed(2)}: ${element.tagName}.${element.className} ${node.textContent.trim()}`)
  }
  return { faint, looked }
}

/** What sticks out of the window to the side. */
export function tooWide(): string[] {
  const { clientWidth, scrollWidth } = document.documentElement
  const wide = [...document.body.querySelectorAll('*')]
    .filter((element) => {
      const { left, right } = element.getBoundingClientRect()
      return right > clientWidth + 0.5 || left < -0.5
    })
    .map((element) => `${element.tagName}.${element.className}`)
  return scrollWidth > clientWidth ? [`scrolls: ${scrollWidth} of ${clientWidth}`, ...wide] : wide
}

/** Levels of the headings in the order of the document. */
export const headings = () =>
  [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((heading) => Number(heading.tagName.slice(1)))

/** What has the focus, and whether one sees it. */
export function focused() {
  const element = document.activeElement as HTMLElement
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element)
  const { width, height } = element.getBoundingClientRect()
  return {
    name: element === document.body ? '' : `${element.tagName} ${element.textContent?.trim()}`,
    seen: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2 && width > 1 && height > 1,
    outlineColor
  }
}

/** Every address in the page, as it is written. */
export const addresses = () =>
  [...document.querySelectorAll('[href], [src], [action]')].map((element) => ({
    url: element.getAttribute('href') ?? element.getAttribute('src') ?? element.getAttribute('action') ?? '',
    where: `${element.tagName.toLowerCase()} ${element.getAttribute('rel') ?? ''}`.trim()
  }))

/** Put in before the page begins: adds up what moved. */
export function watchShifts() {
  const watched = window as unknown as { shifts: number; painted: number }
  watched.shifts = 0
  watched.painted = 0
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) watched.shifts += (entry as unknown as { value: number }).value
  }).observe({ type: 'layout-shift', buffered: true })
}
