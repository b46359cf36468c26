import type { problems as problemsInEnglish, sentences as sentencesInEnglish } from './en.ts'

/** What the pages say in German. No article before a name that is filled in: its gender is unknown; {contact} stands in the accusative. */
export const sentences: Record<keyof typeof sentencesInEnglish, string> = {
  // Every page
  skip: 'Zum Inhalt springen',
  language: 'Sprache',
  'issued-by': 'Ausgestellt von',
  reference: 'Vorgangsnummer',
  help: 'Hilfe',
  privacy: 'Datenschutz',
  imprint: 'Impressum',
  'back-to-wallet': 'Zurück zur Wallet',
  'try-again': 'Erneut versuchen',
  'close-page': 'Sie können diese Seite schließen.',
  // Offer page
  'offer-from': '{issuer} hat etwas für Sie',
  'offer-lead': 'Für die Wallet auf Ihrem Smartphone: immer dabei und schnell gezeigt.',
  'open-wallet': 'In Wallet öffnen',
  'open-wallet-here': 'Auf diesem Gerät öffnen',
  or: 'oder',
  'other-device': 'Wallet auf einem anderen Gerät? QR-Code zeigen',
  'qr-label': 'QR-Code, der dieses Angebot in einer Wallet öffnet',
  'qr-caption': 'Scannen Sie diesen Code mit Ihrer Wallet oder der Kamera Ihres Smartphones.',
  steps: 'So geht es weiter',
  'step-open': 'Angebot in der Wallet öffnen',
  'step-sign-in': 'Anmelden mit „{provider}“',
  'step-pin': 'PIN in der Wallet eingeben',
  'step-agree': 'Inhalt prüfen und zustimmen',
  'step-done': '{credential} liegt in Ihrer Wallet',
  'step-is-done': 'Erledigt:',
  'step-is-now': 'Jetzt:',
  'what-goes-in': 'Was darin steht',
  'offer-until': 'Gültig bis {time}.',
  'offer-shared': 'Für alle, die sich mit „{provider}“ anmelden können.',
  'no-wallet': 'Noch keine Wallet?',
  'no-wallet-help':
    'Installieren Sie die Wallet, die {issuer} empfiehlt, und öffnen Sie dann diese Seite wieder. Das Angebot wartet auf Sie.',
  'pin-hint': 'Halten Sie Ihre PIN bereit',
  'pin-hint-text':
    'Ihre Wallet fragt nach der {length}-stelligen PIN, die Sie per {channel} erhalten haben. Geben Sie sie niemandem weiter; wir fragen nie danach.',
  'check-now': 'Seite aktualisieren',
  'step-sign-in-any': 'Mit Ihrem Konto anmelden',
  'step-in-progress': 'Läuft gerade',
  'all-done': 'Alles liegt in Ihrer Wallet',
  'pin-hint-given':
    'Ihre Wallet fragt nach der {length}-stelligen PIN, die Sie erhalten haben. Geben Sie sie niemandem weiter; wir fragen nie danach.',
  'pin-hint-characters':
    'Ihre Wallet fragt nach der PIN mit {length} Zeichen, die Sie erhalten haben. Geben Sie sie niemandem weiter; wir fragen nie danach.',
  'channel-text-message': 'SMS',
  'channel-letter': 'Brief',
  'channel-email': 'E-Mail',
  'open-demo-wallet': 'In der Demo-Wallet öffnen',
  'demo-wallet-hint': 'Die Demo-Wallet läuft in diesem Browser: Sie brauchen kein Smartphone.',
  // Offer states
  'state-waiting': 'Wir warten auf Ihre Wallet',
  'state-waiting-text':
    'Scannen Sie den Code oder öffnen Sie das Angebot auf diesem Gerät. Diese Seite zeigt, wie es vorangeht.',
  'state-opened': 'Weiter in Ihrer Wallet',
  'state-opened-text': 'Ihre Wallet hat das Angebot. Nehmen Sie es dort an und melden Sie sich an.',
  'state-not-you': 'Waren Sie das nicht? Melden Sie sich bei {issuer} und nennen Sie die Vorgangsnummer unten.',
  'state-signing-in': 'Schließen Sie die Anmeldung ab',
  'state-signing-in-text': 'Die Anmeldung ist auf dem Gerät mit Ihrer Wallet geöffnet.',
  'state-issued': '{credential} liegt in Ihrer Wallet',
  'state-issued-text': 'Öffnen Sie Ihre Wallet, um den Nachweis zu sehen. Sie können diese Seite schließen.',
  'state-declined': 'Es wurde nichts hinzugefügt',
  'state-declined-text':
    'Das Angebot wurde in der Wallet abgelehnt. Wenn Sie es sich anders überlegen, öffnen Sie es bis {time} noch einmal.',
  'state-declined-open':
    'Das Angebot wurde in der Wallet abgelehnt. Wenn Sie es sich anders überlegen, öffnen Sie es noch einmal.',
  'state-opened-accept': 'Ihre Wallet hat das Angebot. Nehmen Sie es dort an.',
  // Anmeldung, bevor ein Angebot gezeigt wird
  'test-sign-in-title': 'Die Anmeldung testen',
  'test-sign-in-text':
    '{issuer} möchte sehen, was diese Anmeldung über ein Konto mitteilt. Nachdem Sie sich angemeldet haben, kann eine Administratorin oder ein Administrator von {issuer} das eine Stunde lang sehen; dann wird es gelöscht. Einer Wallet wird nichts hinzugefügt.',
  'test-done-title': 'Die Test-Anmeldung hat geklappt',
  'test-done-text':
    'Sie können diese Seite schließen. Eine Administratorin oder ein Administrator von {issuer} kann eine Stunde lang sehen, was Ihr Konto mitgeteilt hat; dann wird es gelöscht.',
  'offer-sign-in-title': 'Melden Sie sich an, um Ihr Angebot zu sehen',
  'offer-sign-in-text':
    '{issuer} hat dies für eine bestimmte Person. Sobald Sie angemeldet sind, zeigt diese Seite, wie es in Ihre Wallet kommt.',
  'your-pin': 'Ihre PIN',
  'your-pin-text': 'Geben Sie sie ein, wenn Ihre Wallet danach fragt. Geben Sie sie niemandem weiter.',
  // Chooser
  'chooser-title': 'Welches Konto haben Sie?',
  'chooser-text': 'Melden Sie sich damit an, um „{credential}“ zu erhalten.',
  'last-used': 'Zuletzt benutzt',
  'chooser-email': 'Nicht sicher? Geben Sie Ihre dienstliche E-Mail-Adresse ein',
  'chooser-email-hint': 'Wir nutzen nur den Teil nach dem @, um Ihre Anmeldung zu finden.',
  continue: 'Weiter',
  cancel: 'Abbrechen und zurück zur Wallet',
  // Consent
  'consent-title': '{credential} in {wallet} aufnehmen?',
  'consent-from': 'Von',
  'consent-to': 'An',
  'consent-account': 'Konto',
  'not-you': 'Nicht Sie?',
  'consent-choose': 'In Ihrer Wallet entscheiden Sie, wem Sie den Nachweis zeigen.',
  'left-out': 'Nicht dabei',
  'left-out-text': '{credential}: In Ihrem Konto fehlt {claim}.',
  'wallet-unknown': '{issuer} hat diese Wallet nicht geprüft',
  'wallet-unknown-text': 'Fahren Sie nur fort, wenn Sie diesen Vorgang in Ihrer eigenen Wallet begonnen haben.',
  approve: 'In Wallet aufnehmen',
  deny: 'Nicht aufnehmen',
  'consent-title-any': '{credential} in Ihre Wallet aufnehmen?',
  'wallet-nameless': 'Eine Wallet, die wir nicht kennen',
  // Demo sign-in
  'sign-in-title': 'Bei {tenant} anmelden',
  username: 'Benutzername',
  password: 'Passwort',
  'sign-in': 'Anmelden',
  'sign-in-wrong': 'Prüfen Sie Benutzername und Passwort und versuchen Sie es noch einmal.',
  'demo-only': 'Demo: keine echten Konten',
  'demo-accounts': 'Das Passwort ist der Benutzername: alice hat vollständige Daten, bob fehlt die Personalnummer.',
  'sign-in-cancel': 'Abbrechen',
  'demo-foot': 'Claimgate-Demo. Nichts hier ist echt.',
  // Problem page
  'nothing-added': 'In Ihre Wallet wurde nichts aufgenommen.',
  'still-open': 'Ihr Angebot bleibt bis {time} gültig.',
  'for-support': 'Wenn Sie Hilfe brauchen, nennen Sie diese Vorgangsnummer',
  'write-to': 'An {contact} schreiben',
  'sign-in-again': 'Erneut anmelden',
  'other-account': 'Anderes Konto verwenden',
  'start-here': 'In diesem Browser neu beginnen',
  'ask-new': 'Neues Angebot anfordern',
  missing: 'Es fehlt',
  'default-contact': 'den Betreiber dieses Dienstes',
  'default-issuer': 'Dieser Aussteller',
  'default-provider': 'Anmeldedienst',
  'default-credential': 'Nachweis',
  'mail-new': 'Bitte um ein neues Angebot: {credential}',
  'mail-missing': 'In meinem Konto fehlt: {claim}',
  'mail-missing-text': 'Bitte ergänzen Sie dies in meinem Konto, damit ich „{credential}“ erhalten kann: {claim}',
  'mail-reference': 'Vorgangsnummer {reference}',
  // Demo start page, for developers
  'start-name': 'Claimgate-Demo',
  'start-title': 'Drei Wege, einen Nachweis in eine Wallet zu bringen',
  'start-lead':
    'Alles läuft auf diesem Rechner: die Aussteller, die Anmeldung und die Konten. Wählen Sie einen Weg und gehen Sie ihn bis zum Ende; das dauert etwa eine Minute. Sie brauchen kein Smartphone: Die Demo-Wallet läuft in diesem Browser.',
  'start-qr': 'QR-Code auf einer Seite am Rechner',
  'start-qr-text':
    'Die Beschäftigten melden sich mit dem Konto an, das sie schon haben. Ein langlebiger Code genügt für alle.',
  'start-link': 'Persönlicher Link mit PIN',
  'start-link-text': 'Die Behörde kennt die Person: keine Anmeldung. Die PIN kommt auf einem anderen Weg als der Link.',
  'start-both': 'QR-Code und Link nebeneinander',
  'start-both-text': 'Mit oder ohne Anmeldung und ohne PIN: der kürzeste Weg in eine Wallet.',
  'start-open': 'Angebot öffnen',
  'start-pin': 'PIN dieses Demo-Angebots',
  'start-steps': 'Erste Schritte',
  'start-step-offer': 'Öffnen Sie eines der drei Angebote',
  'start-step-offer-text': 'Jedes öffnet sich auf einer eigenen Seite',
  'start-step-wallet': 'Nehmen Sie es mit der Demo-Wallet an',
  'start-step-wallet-text': 'Oder scannen Sie den Code mit einer Wallet auf dem Smartphone, die OpenID4VCI spricht',
  'start-step-sign-in': 'Melden Sie sich als alice an',
  'start-step-sign-in-text': 'Versuchen Sie es dann als bob und sehen Sie, wie eine fehlende Angabe aussieht',
  'start-accounts': 'Demo-Konten',
  'start-complete': 'Vollständige Daten',
  'start-incomplete': 'Ohne Personalnummer',
  'start-phone': 'Ein Smartphone erreicht localhost nicht',
  'start-phone-text':
    'Setzen Sie einen Tunnel oder Proxy mit https vor die Ports {port} (diese Seite) und {demoPort} (Anmeldung und Demo-Wallet), halten Sie Claimgate an und starten Sie es mit beiden öffentlichen Adressen:',
  'start-developers': 'Für Entwickler, Metadaten der Aussteller:',
}

/** A problem: its title, and what to do next. The key is `ProtocolError.help`. */
export const problems: Record<keyof typeof problemsInEnglish, { title: string; text: string }> = {
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
