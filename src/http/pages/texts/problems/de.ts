import type { problems as inEnglish } from './en.ts'

/** A problem in German: its title, and what to do next. Articles and {contact} are as in the sentences. */
export const problems: Record<keyof typeof inEnglish, { title: string; text: string }> = {
  // Signing in
  'sign-in-cancelled': {
    title: 'Sie sind nicht angemeldet',
    text: 'Melden Sie sich erneut an, um fortzufahren, oder gehen Sie zurück zur Wallet, wenn Sie es sich anders überlegt haben.',
  },
  'sign-in-refused': {
    title: 'Ihr Konto ist noch nicht freigeschaltet',
    text: 'Bitten Sie {contact}, Ihr Konto für „{credential}“ freizuschalten. Öffnen Sie danach das Angebot erneut.',
  },
  'sign-in-expired': {
    title: 'Die Anmeldung hat zu lange gedauert',
    text: 'Melden Sie sich erneut an; Sie haben 15 Minuten Zeit.',
  },
  'sign-in-too-old': {
    title: 'Bitte melden Sie sich noch einmal an',
    text: 'Melden Sie sich erneut mit Ihrem Passwort an: Eine frühere Anmeldung reicht hierfür nicht aus.',
  },
  'stronger-sign-in': {
    title: 'Ein zweiter Schritt ist nötig',
    text: 'Melden Sie sich erneut an und bestätigen Sie mit Ihrem zweiten Schritt, etwa einer App oder einem Sicherheitsschlüssel. Falls Sie noch keinen haben, fragen Sie {contact}.',
  },
  'other-organisation': {
    title: 'Verwenden Sie ein Konto von {tenant}',
    text: 'Melden Sie sich mit einem Konto von {tenant} an; das verwendete gehört zu einer anderen Organisation.',
  },
  'not-eligible': {
    title: '„{credential}“ ist für dieses Konto nicht vorgesehen',
    text: 'Verwenden Sie ein anderes Konto oder fragen Sie {contact}, wer diesen Nachweis erhalten kann.',
  },
  'provider-unavailable': {
    title: 'Die Anmeldung antwortet nicht',
    text: 'Warten Sie eine Minute und versuchen Sie es erneut. {provider} ist gerade nicht erreichbar.',
  },
  'provider-slow': {
    title: 'Die Anmeldung dauert heute lange',
    text: 'Versuchen Sie es erneut. {provider} hat nicht rechtzeitig geantwortet.',
  },
  'provider-set-up': {
    title: 'Die Anmeldung muss repariert werden',
    text: 'Informieren Sie {contact} und geben Sie die Vorgangsnummer unten an. Sie selbst können das nicht beheben.',
  },
  'provider-answer': {
    title: 'Bitte beginnen Sie neu',
    text: 'Öffnen Sie das Angebot erneut und melden Sie sich neu an. Die Antwort von {provider} gehörte nicht zu dieser Anmeldung; zu Ihrem Schutz haben wir abgebrochen.',
  },
  'domain-unknown': {
    title: 'Wir kennen diese E-Mail-Domain nicht',
    text: 'Prüfen Sie die Adresse oder wählen Sie Ihr Konto aus der Liste.',
  },
  // What the account says
  'missing-claim': {
    title: 'In Ihrem Konto fehlt eine Angabe',
    text: 'Bitten Sie {contact}, „{claim}“ in Ihrem Konto zu ergänzen. Öffnen Sie danach das Angebot erneut.',
  },
  'missing-claims': {
    title: 'In Ihrem Konto fehlen Angaben',
    text: 'Bitten Sie {contact}, Folgendes in Ihrem Konto zu ergänzen: {claims}. Öffnen Sie danach das Angebot erneut.',
  },
  'claim-not-usable': {
    title: 'Eine Angabe in Ihrem Konto muss korrigiert werden',
    text: 'Bitten Sie {contact}, „{claim}“ in Ihrem Konto zu korrigieren. Öffnen Sie danach das Angebot erneut.',
  },
  'email-not-verified': {
    title: 'Bestätigen Sie zuerst Ihre E-Mail-Adresse',
    text: 'Folgen Sie dem Link in der Bestätigungsmail von {provider} und versuchen Sie es dann erneut.',
  },
  'too-many-groups': {
    title: 'Ihr Konto konnte nicht vollständig gelesen werden',
    text: 'Informieren Sie {contact} und geben Sie die Vorgangsnummer unten an: Ihr Konto ist in mehr Gruppen, als {provider} uns mitteilt; wir würden nicht alle Ihre Rollen kennen.',
  },
  'source-unavailable': {
    title: 'Wir können Ihre Daten gerade nicht lesen',
    text: 'Ein Teil Ihrer Daten ist gerade nicht verfügbar. Warten Sie eine Minute und versuchen Sie es erneut.',
  },
  'source-set-up': {
    title: 'Der Weg zu Ihren Daten muss repariert werden',
    text: 'Ein Teil Ihrer Daten lässt sich nicht lesen. Informieren Sie {contact} und geben Sie die Vorgangsnummer unten an; Sie selbst können das nicht beheben.',
  },
  'source-unknown-person': {
    title: 'Wir haben keinen Eintrag zu Ihnen gefunden',
    text: 'Bitten Sie {contact} zu prüfen, ob Sie eingetragen sind. Öffnen Sie danach das Angebot erneut.',
  },
  // The offer
  'wrong-person': {
    title: 'Dieses Angebot gehört zu einem anderen Konto',
    text: 'Melden Sie sich mit dem Konto an, für das Sie das Angebot erhalten haben. Wenn es Ihnen jemand weitergegeben hat, bitten Sie {issuer} um ein eigenes.',
  },
  'offer-expired': {
    title: 'Dieser Link ist abgelaufen',
    text: 'Bitten Sie {issuer} um ein neues Angebot.',
  },
  'offer-used': {
    title: 'Dieses Angebot wurde schon eingelöst',
    text: 'Sehen Sie in Ihrer Wallet nach: Dort sollte „{credential}“ liegen. Wenn nicht, bitten Sie {issuer} um ein neues Angebot.',
  },
  'offer-used-up': {
    title: 'Alle Plätze sind vergeben',
    text: 'Fragen Sie {issuer}, ob es weitere geben wird.',
  },
  'offer-withdrawn': {
    title: 'Dieses Angebot wurde zurückgezogen',
    text: 'Wenden Sie sich an {issuer}, wenn Sie „{credential}“ weiterhin brauchen.',
  },
  'offer-elsewhere': {
    title: 'Dieses Angebot ist in einer anderen Wallet geöffnet',
    text: 'Fahren Sie in der Wallet fort, in der Sie es zuerst geöffnet haben. Wenn Sie das nicht waren, melden Sie sich bei {issuer}.',
  },
  'offer-unknown': {
    title: 'Wir finden dieses Angebot nicht',
    text: 'Öffnen Sie den Link aus der Nachricht noch einmal oder scannen Sie den Code erneut. Vielleicht fehlt ein Teil der Adresse.',
  },
  'issued-later': {
    title: 'Der Nachweis ist unterwegs',
    text: 'Behalten Sie Ihre Wallet; sie holt „{credential}“ selbst ab, sobald {issuer} so weit ist.',
  },
  // The PIN (shown where the wallet shows our text, and on the offer page)
  'pin-wrong': {
    title: 'Diese PIN stimmt nicht',
    text: 'Prüfen Sie die PIN und geben Sie sie noch einmal ein. Sie haben noch {left} Versuche.',
  },
  'pin-wrong-last': {
    title: 'Diese PIN stimmt nicht',
    text: 'Prüfen Sie die PIN genau. Sie haben noch einen Versuch; danach brauchen Sie ein neues Angebot.',
  },
  'pin-burnt': {
    title: 'Dieses Angebot ist gesperrt',
    text: 'Bitten Sie {issuer} um ein neues Angebot und eine neue PIN. Nach fünf falschen PINs sperren wir ein Angebot zu Ihrem Schutz.',
  },
  'pin-not-asked': {
    title: 'Ihre Wallet hat nicht nach der PIN gefragt',
    text: 'Aktualisieren Sie Ihre Wallet und öffnen Sie das Angebot erneut oder verwenden Sie eine andere Wallet.',
  },
  // The browser
  'another-browser': {
    title: 'Kehren Sie dorthin zurück, wo Sie begonnen haben',
    text: 'Ihre Anmeldung ist in dem Browser oder der App noch offen, in der Sie begonnen haben. Fahren Sie dort fort oder beginnen Sie hier neu.',
  },
  'cookies-blocked': {
    title: 'Erlauben Sie Cookies für diese Seite',
    text: 'Schalten Sie in Ihrem Browser Cookies für {host} ein und versuchen Sie es dann erneut. Wir brauchen ein einziges, nur bis Sie angemeldet sind.',
  },
  'in-app-browser': {
    title: 'Öffnen Sie diese Seite im Browser',
    text: 'Wählen Sie im Menü dieser App „Im Browser öffnen“. Innerhalb der App funktioniert die Anmeldung nicht.',
  },
  'wallet-blocked': {
    title: 'Ihr Browser hat die Wallet nicht geöffnet',
    text: 'Tippen Sie noch einmal auf die Taste und erlauben Sie das Öffnen der App. Wenn nichts passiert, öffnen Sie die Wallet selbst und scannen Sie den Code.',
  },
  'page-over': {
    title: 'Dieser Schritt ist schon erledigt',
    text: 'Sehen Sie in Ihrer Wallet nach. Wenn dort nichts ist, öffnen Sie das Angebot erneut.',
  },
  'page-not-found': {
    title: 'Unter dieser Adresse gibt es keine Seite',
    text: 'Öffnen Sie den Link aus der Nachricht noch einmal oder scannen Sie den Code erneut.',
  },
  // The wallet
  'consent-declined': {
    title: 'Sie haben abgelehnt, es wurde nichts aufgenommen',
    text: 'Öffnen Sie das Angebot erneut, wenn Sie es sich anders überlegen.',
  },
  'wallet-not-trusted': {
    title: '{issuer} nimmt diese Wallet nicht an',
    text: 'Verwenden Sie eine Wallet, die {issuer} annimmt: {wallets}. Ihr Angebot bleibt gültig.',
  },
  'wallet-proof-expired': {
    title: 'Ihre Wallet braucht eine Aktualisierung',
    text: 'Aktualisieren Sie die Wallet, öffnen Sie sie einmal mit Internetverbindung und öffnen Sie dann das Angebot erneut.',
  },
  'wallet-too-old': {
    title: 'Ihre Wallet ist dafür zu alt',
    text: 'Aktualisieren Sie die Wallet im App-Store und öffnen Sie dann das Angebot erneut.',
  },
  'wallet-cannot-hold': {
    title: 'Ihre Wallet kann „{credential}“ nicht aufnehmen',
    text: 'Verwenden Sie eine dieser Wallets: {wallets}. Ihr Angebot bleibt gültig.',
  },
  'wallet-request': {
    title: 'Wir verstehen die Anfrage Ihrer Wallet nicht',
    text: 'Aktualisieren Sie die Wallet und versuchen Sie es erneut. Wenn das nicht hilft, informieren Sie {contact} und geben Sie die Vorgangsnummer unten an.',
  },
  'wallet-waited': {
    title: 'Ihre Wallet hat zu lange gewartet',
    text: 'Gehen Sie zurück zur Wallet und beginnen Sie neu.',
  },
  clock: {
    title: 'Prüfen Sie die Uhrzeit Ihres Geräts',
    text: 'Schalten Sie in den Einstellungen Datum und Uhrzeit auf automatisch und versuchen Sie es dann erneut.',
  },
  'copies-limit': {
    title: 'Ihre Wallet hat diesen Nachweis oft genug abgeholt',
    text: 'Bitten Sie {issuer} um ein neues Angebot.',
  },
  // The service
  'rate-limited': {
    title: 'Zu viele Versuche auf einmal',
    text: 'Warten Sie {wait} Sekunden und versuchen Sie es dann erneut.',
  },
  maintenance: {
    title: 'Wir sind ab {time} wieder da',
    text: 'Versuchen Sie es dann erneut; Ihr Angebot bleibt gültig. Wir führen geplante Wartungsarbeiten durch.',
  },
  unavailable: {
    title: 'Wir können gerade nicht fortfahren',
    text: 'Warten Sie eine Minute und versuchen Sie es erneut. Was Sie bisher getan haben, bleibt erhalten.',
  },
  'server-error': {
    title: 'Bei uns ist etwas schiefgegangen',
    text: 'Versuchen Sie es erneut. Wenn es wieder passiert, informieren Sie {contact} und geben Sie die Vorgangsnummer unten an.',
  },
  'tenant-unknown': {
    title: 'Wir kennen diesen Aussteller nicht',
    text: 'Prüfen Sie die Adresse auf Tippfehler oder öffnen Sie den Link aus der Nachricht noch einmal.',
  },
  'issuer-retired': {
    title: '{issuer} stellt hier nichts mehr aus',
    text: 'Fragen Sie {contact}, wo es „{credential}“ jetzt gibt. Was in Ihrer Wallet liegt, bleibt gültig.',
  },
}
