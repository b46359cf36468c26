/** Every fact that is recorded. Webhooks, audit and pages read them later. */
export type EventType =
  | 'offer.created'
  | 'offer.withdrawn'
  | 'offer.redeemed'
  | 'offer.burnt'
  | 'session.requested'
  | 'session.signed_in'
  | 'session.refused'
  | 'session.approved'
  | 'session.declined'
  | 'grant.redeemed'
  | 'grant.reused'
  | 'credential.issued'
