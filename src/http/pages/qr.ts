import { create } from 'qrcode'
import { html, type Markup } from '../../lib/html.ts'

const quietZone = 4

/** The rows of a QR code as one SVG path: each run of dark modules is one rectangle. */
function path(size: number, isDark: (row: number, column: number) => boolean): string {
  let runs = ''
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (!isDark(row, column)) continue
      const start = column
      while (column < size && isDark(row, column)) column++
      runs += `M${start + quietZone} ${row + quietZone}h${column - start}v1h-${column - start}z`
    }
  }
  return runs
}

/** A QR code as inline SVG, dark on white in every colour scheme; undefined if the text is too long for one. */
export function qrCode(text: string, label: string): Markup | undefined {
  const bytes = Buffer.byteLength(text)
  if (bytes > 2900) return undefined
  const { modules } = create(text, { errorCorrectionLevel: bytes > 400 ? 'L' : 'M' })
  const edge = modules.size + 2 * quietZone
  const runs = path(modules.size, (row, column) => modules.get(row, column) === 1)
  return html`<svg id="qr" viewBox="0 0 ${edge} ${edge}" role="img" aria-label="${label}" shape-rendering="crispEdges"><path fill="#000" d="${runs}"/></svg>`
}
