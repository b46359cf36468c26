/** What the pages say in English. The keys and placeholders of this file are those of every language. */
export const sentences = {
  // Every page
  skip: 'Skip to content',
  language: 'Language',
  'issued-by': 'Issued by',
  reference: 'Reference',
  help: 'Help',
  privacy: 'Privacy',
  imprint: 'Legal notice',
  'back-to-wallet': 'Back to your wallet',
  'try-again': 'Try again',
  'close-page': 'You can close this page.',
  // Offer page
  'offer-from': '{issuer} has this for you',
  'offer-lead': 'Keep it in the wallet on your phone and show it when you are asked.',
  'open-wallet': 'Open in wallet',
  'open-wallet-here': 'Open on this device',
  or: 'or',
  'other-device': 'Wallet on another device? Show QR code',
  'qr-label': 'QR code that opens this offer in a wallet',
  'qr-caption': 'Scan this code with your wallet or the camera of your phone.',
  steps: 'What happens next',
  'step-open': 'Open the offer in your wallet',
  'step-sign-in': 'Sign in with your {provider}',
  'step-pin': 'Type your PIN in the wallet',
  'step-agree': 'Check what goes in and agree',
  'step-done': '{credential} is in your wallet',
  'step-is-done': 'Done:',
  'step-is-now': 'Now:',
  'what-goes-in': 'What goes in',
  'offer-until': 'Open until {time}.',
  'offer-shared': 'Open to every {provider}.',
  'no-wallet': 'No wallet yet?',
  'no-wallet-help': 'Install the wallet that {issuer} recommends, then open this page again. The offer waits for you.',
  'pin-hint': 'Have your PIN ready',
  'pin-hint-text':
    'Your wallet asks for the {length}-digit PIN that you were sent by {channel}. Give it to nobody; we never ask for it.',
  'check-now': 'Update this page',
  'step-sign-in-any': 'Sign in with your account',
  'step-in-progress': 'In progress',
  'all-done': 'Everything is in your wallet',
  'pin-hint-given':
    'Your wallet asks for the {length}-digit PIN that you were given. Give it to nobody; we never ask for it.',
  'pin-hint-characters':
    'Your wallet asks for the PIN of {length} characters that you were given. Give it to nobody; we never ask for it.',
  'channel-text-message': 'text message',
  'channel-letter': 'letter',
  'channel-email': 'e-mail',
  'open-demo-wallet': 'Open in the demo wallet',
  'demo-wallet-hint': 'The demo wallet runs in this browser: no phone needed.',
  // Offer states
  'state-waiting': 'Waiting for your wallet',
  'state-waiting-text': 'Scan the code or open the offer on this device. This page follows along.',
  'state-opened': 'Go on in your wallet',
  'state-opened-text': 'Your wallet has the offer. Accept it there and sign in.',
  'state-not-you': 'Was that not you? Tell {issuer} and give the reference below.',
  'state-signing-in': 'Finish signing in',
  'state-signing-in-text': 'The sign-in is open on the device with your wallet.',
  'state-issued': '{credential} is in your wallet',
  'state-issued-text': 'Open your wallet to see it. You can close this page.',
  'state-declined': 'Nothing was added',
  'state-declined-text': 'The offer was declined in the wallet. If you change your mind, open it again until {time}.',
  'state-declined-open': 'The offer was declined in the wallet. If you change your mind, open it again.',
  'state-opened-accept': 'Your wallet has the offer. Accept it there.',
  // Sign-in before an offer is shown
  'test-sign-in-title': 'Test the sign-in',
  'test-sign-in-text':
    '{issuer} wants to see what this sign-in tells of an account. After you signed in, an administrator of {issuer} can see it for one hour; then it is deleted. Nothing is added to a wallet.',
  'test-done-title': 'The test sign-in worked',
  'test-done-text':
    'You can close this page. An administrator of {issuer} can see for one hour what your account told; then it is deleted.',
  'offer-sign-in-title': 'Sign in to see your offer',
  'offer-sign-in-text':
    '{issuer} has this for one person. Once you have signed in, this page shows how to get it into your wallet.',
  'your-pin': 'Your PIN',
  'your-pin-text': 'Type it when your wallet asks for it. Give it to nobody.',
  // Chooser
  'chooser-title': 'Which account do you have?',
  'chooser-text': 'Sign in with it to get “{credential}”.',
  'last-used': 'Last used',
  'chooser-email': 'Not sure? Enter your work e-mail',
  'chooser-email-hint': 'We only use the part after the @ to find your sign-in.',
  continue: 'Continue',
  cancel: 'Cancel and go back to your wallet',
  // Consent
  'consent-title': 'Add {credential} to {wallet}?',
  'consent-from': 'From',
  'consent-to': 'To',
  'consent-account': 'Account',
  'not-you': 'Not you?',
  'consent-choose': 'You decide in your wallet to whom you show it.',
  'left-out': 'Left out',
  'left-out-text': '{credential}: your account lacks {claim}.',
  'wallet-unknown': '{issuer} has not checked this wallet',
  'wallet-unknown-text': 'Only go on if you started this in your own wallet.',
  approve: 'Add to wallet',
  deny: 'Do not add',
  'consent-title-any': 'Add {credential} to your wallet?',
  'wallet-nameless': 'A wallet we do not know',
  // Demo sign-in
  'sign-in-title': 'Sign in to {tenant}',
  username: 'User name',
  password: 'Password',
  'sign-in': 'Sign in',
  'sign-in-wrong': 'Check user name and password and try again.',
  'demo-only': 'Demo: no real accounts here',
  'demo-accounts': 'The password is the user name: alice has complete data, bob lacks his employee number.',
  'sign-in-cancel': 'Cancel',
  'demo-foot': 'Claimgate demo. Nothing here is real.',
  // Problem page
  'nothing-added': 'Nothing was added to your wallet.',
  'still-open': 'Your offer stays open until {time}.',
  'for-support': 'If you ask for help, give this reference',
  'write-to': 'Write to {contact}',
  'sign-in-again': 'Sign in again',
  'other-account': 'Use another account',
  'start-here': 'Start again in this browser',
  'ask-new': 'Ask for a new offer',
  missing: 'Missing',
  'default-contact': 'the operator of this service',
  'default-issuer': 'This issuer',
  'default-provider': 'Sign-in service',
  'default-credential': 'Document',
  'mail-new': 'New offer, please: {credential}',
  'mail-missing': 'My account lacks: {claim}',
  'mail-missing-text': 'Please add this to my account, so that I can get “{credential}”: {claim}',
  'mail-reference': 'Reference {reference}',
  // Demo start page, for developers
  'start-name': 'Claimgate demo',
  'start-title': 'Three ways to put a credential into a wallet',
  'start-lead':
    'Everything runs on this machine: the issuers, the sign-in and the accounts. Pick one and follow it to the end; it takes about a minute. You need no phone: the demo wallet runs in this browser.',
  'start-qr': 'QR code on a desktop page',
  'start-qr-text': 'The employee signs in with the account they already have. One long-lived code serves everyone.',
  'start-link': 'Personal link, with PIN',
  'start-link-text': 'The registry knows the person: no sign-in. The PIN comes by another way than the link.',
  'start-both': 'QR code and link side by side',
  'start-both-text': 'With a sign-in or without one, and no PIN: the shortest way into a wallet.',
  'start-open': 'Open the offer',
  'start-pin': 'PIN of this demo offer',
  'start-steps': 'First steps',
  'start-step-offer': 'Open one of the three offers',
  'start-step-offer-text': 'Each opens on a page of its own',
  'start-step-wallet': 'Take it with the demo wallet',
  'start-step-wallet-text': 'Or scan the code with a wallet on your phone that speaks OpenID4VCI',
  'start-step-sign-in': 'Sign in as alice',
  'start-step-sign-in-text': 'Then try bob, and see what a missing detail looks like',
  'start-accounts': 'Demo accounts',
  'start-complete': 'Complete data',
  'start-incomplete': 'No employee number',
  'start-phone': 'A phone cannot reach localhost',
  'start-phone-text':
    'Put a tunnel or proxy with https before ports {port} (this page) and {demoPort} (sign-in and demo wallet), stop Claimgate and start it with both public addresses:',
  'start-developers': 'For developers, issuer metadata:',
} as const

/** A problem: its title, and what to do next. The key is `ProtocolError.help`. */
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
