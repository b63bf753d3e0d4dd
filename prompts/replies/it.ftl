# What the kiosk says in Italian. Placeholders are filled with facts from tools, already formatted for the language.

## Greeting, small talk, help
welcome = Salve! La aiuto a trovare e ad acquistare gli articoli del nostro negozio, anche a partire dal film in cui li ha visti. Che cosa desidera?
welcome-known = Salve, { $customer }! Che cosa cerca oggi?
small-talk = È un piacere parlare con lei. Mi dica che cosa cerca.
ask-what = Che cos’altro posso fare per lei?
thanks-reply = Prego. Desidera altro?
goodbye = Arrivederci e grazie della visita!
help-text = Mi dica che cosa cerca, per esempio un capo con il colore e la misura, oppure che cosa indossava qualcuno in un film. Le dico il prezzo e se è disponibile qui; quando dice «lo prendo», le chiedo conferma prima del pagamento.
staff-called = Ho avvisato il personale. Tra poco arriverà qualcuno.
language-changed = Certo, parliamo in italiano.

## Not understood
not-heard = Non ho sentito nulla. Che cosa posso fare per lei?
too-long = Era troppo lungo per me. Mi dica in una o due frasi che cosa desidera, per favore.
not-understood = Mi scusi, non ho capito. Può dirlo con altre parole?
one-moment = Un momento, per favore: ci vuole un po’ più del solito.
something-wrong = Mi scusi, c’è stato un problema da parte mia. Riprovi, per favore, oppure chiami il personale.

## Finding
found-one = Ho questo articolo: { $name }, colore { $colour }.
found-one-plain = Ho questo articolo: { $name }.
found-many = Ecco quello che ho:
option = { $position }. { $name }, { $colour }: { $price }.
option-plain = { $position }. { $name }: { $price }.
ask-which = Quale preferisce?
nothing-found = In negozio non ho nulla del genere.
nothing-so = Non ho nulla che corrisponda a tutto questo. Ecco ciò che più si avvicina:
unknown-name = Non conosco il nome «{ $name }».
which-name = Intende { $names }?
path-none = Conosco { $names }, ma non ho trovato nulla che risponda alla sua domanda.
path-none-plain = Non ho trovato nulla che risponda alla sua domanda.
path-answer = { $answer }. Ecco come l’ho trovato: { $path }.
path-names = Ho trovato: { $names }.
path-more = In tutto sono { $count }; mi dica di più e potrò restringere la ricerca.
fact-value = { $node }: { $value }.
fact-is = È { $node }.
fact-unknown = Non ho questa informazione.
product-material = { $name } è in { $material }.
product-description = { $name } in breve: { $description }

## Stock and price
in-stock = È disponibile qui.
in-stock-size = È disponibile qui nella misura { $size }.
in-stock-your-size = È disponibile qui nella sua misura, { $size }.
not-in-size = Qui non ho la misura { $size }. Misure disponibili qui: { $sizes }.
not-in-your-size = Qui non ho la sua misura, { $size }. Misure disponibili qui: { $sizes }.
no-such-size = Questo articolo non esiste nella misura { $size }. Misure disponibili qui: { $sizes }.
sizes-here = Misure disponibili qui: { $sizes }.
sold-out = Qui non ne ho più.
elsewhere = Disponibile presso: { $places }.
no-such-colour = Questo articolo non esiste nel colore { $colour }. Colori in catalogo: { $colours }.
colours-available = Colori in catalogo: { $colours }.
price-list = Costa { $list_price }.
price-reduced = Il prezzo di listino è { $list_price }; lei paga { $price } ({ $discount }).
price-members = I soci hanno un prezzo fedeltà: per usufruirne, comunichi il suo numero di socio al personale.
ask-purchase = Desidera acquistarlo?

## Comparing
compare-cheaper = { $name } costa { $difference } in meno.
compare-same = Il prezzo è lo stesso.
compare-what = Mi dica quali due articoli vuole confrontare.
cheaper-none = Non ho nulla di più economico di questo tipo.

## Buying
buy-what = Mi dica prima che cosa vuole acquistare.
ask-size = Che misura le serve? Misure disponibili qui: { $sizes }.
order-line = { $quantity } × { $name }, { $colour }, misura { $size }: { $price }.
order-line-plain = { $quantity } × { $name }: { $price }.
order-tax = Più { $tax }: { $amount }.
ask-confirmation = Il totale è di { $total }. Procedo con l’addebito? Dica sì o no, per favore.
confirm-first = Procedo con l’addebito solo dopo un sì chiaro. Dica sì o no, per favore.
price-changed = Nel frattempo il prezzo è cambiato.
paid = Pagamento effettuato: { $total }. Può ritirare il suo acquisto. Scomparto: { $slots }.
thanks-name = Grazie, { $customer }!
thanks = Grazie!
receipt = Il numero della sua ricevuta è { $order }.
ask-feedback = Com’è andata oggi? Me lo dica in poche parole.
feedback-thanks = Grazie, l’ho annotato per il negozio.
feedback-skipped = Nessun problema. Arrivederci!
order-cancelled = Ho annullato l’ordine; non è stato addebitato nulla.
nothing-to-cancel = Non c’è nulla da annullare; non è stato addebitato nulla.
too-late-to-cancel = Quell’ordine è già concluso. Per un reso si rivolga al personale.
order-expired = La prenotazione è scaduta; non è stato addebitato nulla. La rinnovo?

## Refusals
out-of-stock = Mi dispiace, qui non ne ho abbastanza.
too-many = Non posso vendere una quantità così grande in una volta sola.
limit-reached = { $name }: di questo tipo di articoli posso venderne al massimo { $limit } al giorno per cliente.
age-restricted = La vendita è riservata a chi ha almeno { $min_age } anni, perciò serve l’approvazione del personale. Ho già chiamato qualcuno.
payment-declined = Il pagamento è stato rifiutato; non è stato addebitato nulla. Vuole riprovare?
payment-unclear = Il terminale di pagamento non risponde; ho avvisato il personale. Non pagherà due volte.
dispense-failed = Il distributore non ha potuto consegnare il suo acquisto. Non è stato addebitato nulla; ho avvisato il personale.
dispense-partial = È uscita solo una parte del suo ordine; paga solo quella. Ho avvisato il personale.
dispense-unclear = Non so dire se il suo acquisto sia uscito; ho avvisato il personale. Paga solo ciò che esce.
goods-unpaid = Il suo acquisto è uscito, ma non è stato possibile incassare il pagamento; non è stato addebitato nulla. Ho avvisato il personale.
consent-void = L’ordine è cambiato da quando ha detto sì. Glielo chiedo di nuovo.

## Small talk: the answer to each topic of ../small_talk
talk-who-are-you = Sono WalKiosk, la voce di questo negozio: un programma scritto da persone. Che cosa cerca?
talk-robot = Non sono una persona, ma un programma con una voce. Mi dica che cosa cerca, oppure dica «personale» se preferisce parlare con qualcuno.
talk-how-are-you = Qui va tutto bene, grazie del pensiero! Che cosa cerca?
talk-age-of-kiosk = Un programma non ha compleanno, e la mia casa è questo chiosco. Che cosa cerca?
talk-payment = Si paga con la carta al terminale, dopo aver detto sì al totale. Mi dica che cosa desidera.
talk-cash = Qui non posso accettare contanti, solo la carta al terminale. Che cos’altro posso fare per lei?
talk-membership = Per l’iscrizione e i prezzi fedeltà può informarla il personale: dica «personale» e chiamo qualcuno. Altrimenti mi dica che cosa desidera.
talk-returns = Per cambi e rimborsi l’aiuta il personale. Dica «personale» e chiamo qualcuno.
talk-privacy = Quello che dice mi serve solo per servirla qui e lo dimentico quando va via; restano soltanto il suo ordine e il suo commento. Mi dica pure che cosa cerca.
talk-joke = Ecco la mia battuta migliore: me ne sto qui in piedi tutto il giorno e lo chiamo lavoro. E lei che cosa cerca?
talk-song-or-play = Cantare non fa per me, ma possiamo giocare a cercare: lei dice un colore e io cerco qualcosa che ci stia bene.
talk-compliment = Grazie, è molto gentile da parte sua! Che cos’altro posso cercare per lei?
talk-love = Che pensiero dolce! Sono solo un chiosco, ma le cerco volentieri qualcosa di bello: che cosa le piacerebbe?
talk-insult = Mi dispiace di non aiutarla meglio. Mi dica di nuovo che cosa le serve, per favore, oppure dica «personale» per parlare con qualcuno.
talk-bored-or-sad = Mi dispiace, spero che la giornata migliori. Mi dica un colore o un film che le piace e cerco qualcosa di bello.
talk-place = Non conosco l’edificio né gli orari, ma il personale può aiutarla: dica «personale» e chiamo qualcuno. Altrimenti mi dica che cosa desidera.
talk-discount = A parità di tessera il prezzo è uguale per tutti e non posso cambiarlo. Dica «più economico» e cerco qualcosa che costi meno.
talk-delivery = Vendo solo quello che c’è in questa macchina, e lei lo porta via subito; non posso spedire nulla. Che cosa cerca?
talk-try-on = Non so di nessun camerino qui, ma posso dirle quali misure ci sono. Se qualcosa non va bene, il personale può dirle se si può cambiare.
talk-wrapping = Qui alla macchina non ci sono confezioni regalo né sacchetti per la spesa, mi dispiace. Mi dica quando vuole continuare.
talk-languages-spoken = Parlo italiano, inglese, spagnolo, francese, tedesco, portoghese, hindi, cinese e giapponese. Mi parli pure nella lingua che preferisce.
talk-what-do-you-sell = Mi dica un tipo di articolo, un colore o una scena di un film e cerco quello che ho.
talk-which-films = Mi dica un film, un attore o un regista e guardo che cosa ne so.
talk-off-topic = Questo non lo so, conosco solo questo negozio. Che cosa cerca?
talk-sorry = Non è successo niente! Mi dica che cosa desidera.
talk-waiting = Faccia con calma. Sono qui, mi dica quando vuole continuare.
talk-just-looking = Certo, guardi pure con calma. Se vuole un’idea, mi dica un colore o un film.
talk-noise = Nessun problema! Mi parli quando desidera qualcosa.
talk-laugh = Che bello, questo buonumore! Che cosa cerca?
talk-test = Sì, mi è arrivato! Che cosa cerca?
talk-stop-talking = Va bene, ascolto. Non posso cambiare il volume, ma il personale sì, e quello che dico si legge anche sullo schermo.

## More to show, and asking again
more-there = Ce ne sono altri; dica «altri» o mi dica che cosa le piace.
no-more = Questo era tutto quello che c’era di questo tipo.
say-again-purchase = Non ho capito. Desidera acquistarlo?
say-again-choice = Non ho capito. Quale preferisce?
say-again-size = Non ho capito. Che misura le serve?
