/** A JSON object, of which nothing is known but that it is one. */
export type JsonObject = Record<string, unknown>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a text is as JSON; undefined for one that is none. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The JSON object that a text is; undefined for one that is none. */
export function readObject(text: string): JsonObject | undefined {
  const value = readJson(text)
  return isObject(value) ? value : undefined
}
