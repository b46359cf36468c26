import type { Signer } from '../keys/signer.ts'

/** A public key of the wallet, checked by `verifyKeyProofs`; nobody else makes one. */
export type HolderKey = { readonly jwk: Record<string, unknown>; readonly thumbprint: string }

export type IssueRequest = {
  /** The credential issuer's identifier. */
  issuer: string
  vct: string
  claims: Record<string, unknown>
  /** Paths of the claims that get a disclosure of their own; parents of nested ones stay in the clear. */
  withheld: string[][]
  holderKey: HolderKey | undefined
  issuedAt: Date
  expiresAt: Date
  signer: Signer
  random: (bytes: number) => Buffer
}

/** A credential format of OpenID4VCI Appendix A. */
export type CredentialFormat = {
  id: string
  signingAlgorithms: readonly string[]
  bindingMethods: readonly string[]
  /** Claims that only the issuer may set. */
  reservedClaims: readonly string[]
  /** The format's members of `credential_configurations_supported`. */
  metadata(configuration: { vct: string }): Record<string, unknown>
  issue(request: IssueRequest): Promise<string>
}
