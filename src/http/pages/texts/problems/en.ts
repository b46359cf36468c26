/** A problem in English: its title, and what to do next. The key is `ProtocolError.help`. Keys and placeholders are those of every language. */
export const problems = {
  // Signing in
  'sign-in-cancelled': {
    title: 'You are not signed in',
    text: 'Sign in again to go on, or go back to your wallet if you have changed your mind.',
  },
  'sign-in-refused': {
    title: 'Your account has no access yet',
    text: 'Ask {contact} to give your account access to “{credential}”. Then open the offer again.',
  },
  'sign-in-expired': {
    title: 'The sign-in took too long',
    text: 'Sign in again; you have 15 minutes.',
  },
  'sign-in-too-old': {
    title: 'Please sign in once more',
    text: 'Sign in again with your password: for this, a sign-in from earlier is not enough.',
  },
  'stronger-sign-in': {
    title: 'A second step is needed',
    text: 'Sign in again and confirm with your second step, such as an app or a security key. If you have none yet, ask {contact}.',
  },
  'other-organisation': {
    title: 'Use your {tenant} account',
    text: 'Sign in with an account of {tenant}; the one you used belongs to another organisation.',
  },
  'not-eligible': {
    title: '“{credential}” is not open to this account',
    text: 'Use another account, or ask {contact} who can get it.',
  },
  'provider-unavailable': {
    title: 'The sign-in is not answering',
    text: 'Wait a minute, then try again. {provider} cannot be reached just now.',
  },
  'provider-slow': {
    title: 'The sign-in is slow today',
    text: 'Try again. {provider} took too long to answer.',
  },
  'provider-set-up': {
    title: 'The sign-in needs repair',
    text: 'Tell {contact} and give the reference below. You cannot fix this yourself.',
  },
  'provider-answer': {
    title: 'Please start again',
    text: 'Open the offer again and sign in afresh. The answer from {provider} did not belong to this sign-in, so we stopped to protect you.',
  },
  'domain-unknown': {
    title: 'We do not know this e-mail domain',
    text: 'Check the address, or choose your account from the list.',
  },
  // What the account says
  'missing-claim': {
    title: 'One detail is missing in your account',
    text: 'Ask {contact} to add “{claim}” to your account. Then open the offer again.',
  },
  'missing-claims': {
    title: 'Some details are missing in your account',
    text: 'Ask {contact} to add {claims} to your account. Then open the offer again.',
  },
  'claim-not-usable': {
    title: 'One detail in your account needs correcting',
    text: 'Ask {contact} to correct “{claim}” in your account. Then open the offer again.',
  },
  'email-not-verified': {
    title: 'Confirm your e-mail address first',
    text: 'Follow the link in the confirmation mail of {provider}, then try again.',
  },
  'too-many-groups': {
    title: 'Your account could not be read completely',
    text: 'Tell {contact} and give the reference below: your account is in more groups than {provider} tells us, so we would not know all your roles.',
  },
  'source-unavailable': {
    title: 'We cannot read your data just now',
    text: 'Some of your data is not available at the moment. Wait a minute, then try again.',
  },
  'source-set-up': {
    title: 'The way to your data needs repair',
    text: 'Some of your data cannot be read. Tell {contact} and give the reference below; you cannot fix this yourself.',
  },
  'source-unknown-person': {
    title: 'We found no entry for you',
    text: 'Ask {contact} to check that you are registered. Then open the offer again.',
  },
  // The offer
  'wrong-person': {
    title: 'This offer is for another account',
    text: 'Sign in with the account for which you got the offer. If someone passed it on to you, ask {issuer} for one of your own.',
  },
  'offer-expired': {
    title: 'This link has expired',
    text: 'Ask {issuer} for a new offer.',
  },
  'offer-used': {
    title: 'This offer was already used',
    text: 'Look in your wallet: “{credential}” should be there. If it is not, ask {issuer} for a new offer.',
  },
  'offer-used-up': {
    title: 'All places are taken',
    text: 'Ask {issuer} whether there will be more.',
  },
  'offer-withdrawn': {
    title: 'This offer was withdrawn',
    text: 'Ask {issuer} if you still need “{credential}”.',
  },
  'offer-elsewhere': {
    title: 'This offer is open in another wallet',
    text: 'Go on in the wallet in which you opened it first. If that was not you, tell {issuer}.',
  },
  'offer-unknown': {
    title: 'We do not find this offer',
    text: 'Open the link from the message again, or scan the code once more. Part of the address may be missing.',
  },
  'issued-later': {
    title: 'It is on its way',
    text: 'Keep your wallet; it fetches “{credential}” by itself once {issuer} has it ready.',
  },
  // The PIN (shown where the wallet shows our text, and on the offer page)
  'pin-wrong': {
    title: 'That PIN is not right',
    text: 'Check the PIN and type it again. You have {left} tries left.',
  },
  'pin-wrong-last': {
    title: 'That PIN is not right',
    text: 'Check the PIN carefully. You have one try left; after that you need a new offer.',
  },
  'pin-burnt': {
    title: 'This offer is locked',
    text: 'Ask {issuer} for a new offer and a new PIN. We lock an offer after five wrong PINs to protect you.',
  },
  'pin-not-asked': {
    title: 'Your wallet did not ask for the PIN',
    text: 'Update your wallet and open the offer again, or use another wallet.',
  },
  // The browser
  'another-browser': {
    title: 'Go back to where you started',
    text: 'Your sign-in is still open in the browser or app in which you began. Go on there, or start again here.',
  },
  'cookies-blocked': {
    title: 'Allow cookies for this page',
    text: 'Turn on cookies for {host} in your browser, then try again. We need one, only until you are signed in.',
  },
  'in-app-browser': {
    title: 'Open this page in your browser',
    text: 'Choose “Open in browser” from the menu of this app. Inside the app the sign-in does not work.',
  },
  'wallet-blocked': {
    title: 'Your browser did not open the wallet',
    text: 'Tap the button again and allow it to open the app. If nothing happens, open the wallet yourself and scan the code.',
  },
  'page-over': {
    title: 'This step is already done',
    text: 'Look in your wallet. If nothing is there, open the offer again.',
  },
  'page-not-found': {
    title: 'There is no page at this address',
    text: 'Open the link from the message again, or scan the code once more.',
  },
  // The wallet
  'consent-declined': {
    title: 'You said no, and nothing was added',
    text: 'Open the offer again if you change your mind.',
  },
  'wallet-not-trusted': {
    title: '{issuer} does not accept this wallet',
    text: 'Use one of the wallets that {issuer} accepts: {wallets}. Your offer stays open.',
  },
  'wallet-proof-expired': {
    title: 'Your wallet needs an update',
    text: 'Update the wallet, open it once while you are online, then open the offer again.',
  },
  'wallet-too-old': {
    title: 'Your wallet is too old for this',
    text: 'Update the wallet in the app store, then open the offer again.',
  },
  'wallet-cannot-hold': {
    title: 'Your wallet cannot hold “{credential}”',
    text: 'Use one of these wallets: {wallets}. Your offer stays open.',
  },
  'wallet-request': {
    title: 'Your wallet asked in a way we do not understand',
    text: 'Update the wallet and try again. If that does not help, give the reference below to {contact}.',
  },
  'wallet-waited': {
    title: 'Your wallet waited too long',
    text: 'Go back to your wallet and start again.',
  },
  clock: {
    title: 'Check the time on your device',
    text: 'Turn on automatic date and time in the settings, then try again.',
  },
  'copies-limit': {
    title: 'Your wallet has fetched this often enough',
    text: 'Ask {issuer} for a new offer.',
  },
  // The service
  'rate-limited': {
    title: 'Too many tries at once',
    text: 'Wait {wait} seconds, then try again.',
  },
  maintenance: {
    title: 'We are back at {time}',
    text: 'Try again then; your offer stays open. We are doing planned maintenance.',
  },
  unavailable: {
    title: 'We cannot go on just now',
    text: 'Wait a minute, then try again. Everything you have done so far is kept.',
  },
  'server-error': {
    title: 'Something went wrong on our side',
    text: 'Try again. If it happens again, give the reference below to {contact}.',
  },
  'tenant-unknown': {
    title: 'We do not know this issuer',
    text: 'Check the address for typing mistakes, or open the link from the message again.',
  },
  'issuer-retired': {
    title: '{issuer} no longer issues here',
    text: 'Ask {contact} where to get “{credential}” now. What is in your wallet stays valid.',
  },
} as const
