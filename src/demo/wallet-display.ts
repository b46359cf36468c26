import type { PageContext } from '../http/pages/context.ts'
import { fillIn } from '../http/pages/texts/index.ts'
import type { CredentialColours } from '../http/pages/theme.ts'
import type { Journey } from './wallet-journey.ts'
import { type WalletTextKey, walletTexts } from './wallet-texts.ts'

type Display = { name?: string | undefined; locale?: string | undefined }

/** The wallet's sentences in the page's language. */
export const sayIn =
  ({ language }: PageContext) =>
  (key: WalletTextKey, values: Record<string, string> = {}): string =>
    fillIn(walletTexts[language][key], values)

/** The display name in the page's language, or the first there is (OpenID4VCI §12.2.4). */
const nameIn = ({ language }: PageContext, displays: Display[] | undefined, otherwise: string): string =>
  (displays?.find(({ locale }) => locale?.toLowerCase().split('-')[0] === language) ?? displays?.[0])?.name ?? otherwise

export const issuerName = (context: PageContext, { metadata: { issuer } }: Journey): string =>
  nameIn(context, issuer.display, new URL(issuer.credential_issuer).host)

/** A configuration as this wallet shows it: its name, and the names of its claims by path. */
export function described(context: PageContext, { metadata }: Journey, id: string) {
  const metadataOf = metadata.issuer.credential_configurations_supported[id]?.credential_metadata
  const claims = new Map(
    (metadataOf?.claims ?? []).map(({ path, display }) => [path.join('.'), nameIn(context, display, path.join('.'))]),
  )
  return { id, name: nameIn(context, metadataOf?.display, id), claims }
}

/** The colours in which the issuer wants its credentials shown. */
export const coloursOf = ({ metadata }: Journey): Record<string, CredentialColours> =>
  Object.fromEntries(
    Object.entries(metadata.issuer.credential_configurations_supported).map(([id, { credential_metadata: shown }]) => {
      const { background_color: background, text_color: text } = shown?.display?.[0] ?? {}
      return [id, { background, text }]
    }),
  )
