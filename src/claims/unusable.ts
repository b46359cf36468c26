/** Why a rule has no use for a value, or was stopped; its text names what is wanted or a limit, and repeats no value. */
export class Unusable extends Error {
  override name = 'Unusable'
}
