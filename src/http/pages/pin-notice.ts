import { html, type Markup } from '../../lib/html.ts'
import { notice } from './parts.ts'
import type { Say } from './texts/index.ts'

/** What is known of the PIN: how long it is and how it reaches the person, or itself, where this page is that way. */
export type Pin = {
  length: number
  digits?: boolean
  channel?: 'text-message' | 'letter' | 'email' | undefined
  value?: string | undefined
}

/** The wallet will ask for a PIN. */
export function pinNotice(say: Say, { length, digits = true, channel, value }: Pin): Markup {
  const values = { length: String(length) }
  if (value !== undefined) {
    const text = html`<span class="pin" id="pin">${value}</span>${say('your-pin-text')}`
    return notice('lock', say('your-pin'), text)
  }
  if (!digits) return notice('lock', say('pin-hint'), say('pin-hint-characters', values))
  if (!channel) return notice('lock', say('pin-hint'), say('pin-hint-given', values))
  return notice('lock', say('pin-hint'), say('pin-hint-text', { ...values, channel: say(`channel-${channel}`) }))
}
