# What the kiosk says in German. Placeholders are filled with facts from tools, already formatted for the language.

## Greeting, small talk, help
welcome = Hallo! Ich suche Ihnen gern etwas aus unserem Geschäft heraus und verkaufe es Ihnen, auch wenn Sie es nur aus einem Film kennen. Was darf es sein?
welcome-known = Hallo { $customer }! Was darf ich heute für Sie heraussuchen?
small-talk = Schön, mit Ihnen zu plaudern. Sagen Sie mir gern, wonach Sie suchen.
ask-what = Was kann ich noch für Sie tun?
thanks-reply = Gern geschehen. Darf es noch etwas sein?
goodbye = Auf Wiedersehen und vielen Dank für Ihren Besuch!
help-text = Sagen Sie mir, was Sie suchen, zum Beispiel ein Kleidungsstück mit Farbe und Größe oder etwas, das jemand in einem Film getragen hat. Ich nenne Ihnen den Preis und sage, ob es hier vorrätig ist. Wenn Sie „Das nehme ich“ sagen, frage ich noch einmal nach, bevor Sie bezahlen.
staff-called = Ich habe jemanden vom Personal gerufen. Es ist gleich jemand für Sie da.
language-changed = Natürlich, sprechen wir Deutsch!

## Not understood
not-heard = Ich habe nichts gehört. Was kann ich für Sie tun?
too-long = Das war zu lang für mich. Bitte sagen Sie mir in ein oder zwei Sätzen, was Sie möchten.
not-understood = Entschuldigung, das habe ich nicht verstanden. Bitte sagen Sie es mit anderen Worten.
one-moment = Einen Moment bitte, es dauert gerade etwas länger.
something-wrong = Entschuldigung, bei mir ist etwas schiefgegangen. Bitte versuchen Sie es noch einmal oder fragen Sie das Personal.

## Finding
found-one = Das habe ich gefunden: { $name }, Farbe { $colour }.
found-one-plain = Das habe ich gefunden: { $name }.
found-many = Diese Artikel habe ich gefunden:
option = { $position }. { $name }, { $colour }: { $price }.
option-plain = { $position }. { $name }: { $price }.
ask-which = Was davon hätten Sie gern?
nothing-found = So etwas gibt es bei uns leider nicht.
nothing-so = Genau so habe ich es leider nicht, aber das hier kommt dem am nächsten.
unknown-name = Den Namen „{ $name }“ kenne ich leider nicht.
which-name = Meinen Sie { $names }?
path-none = Ich kenne { $names }, habe aber nichts gefunden, was zu Ihrer Frage passt.
path-none-plain = Ich habe nichts gefunden, was zu Ihrer Frage passt.
path-answer = { $answer }. So habe ich es gefunden: { $path }.
path-names = Das habe ich gefunden: { $names }.
path-more = Insgesamt sind es { $count }. Wenn Sie mir mehr sagen, kann ich die Auswahl eingrenzen.
fact-value = { $node }: { $value }.
fact-is = Das ist { $node }.
fact-unknown = Dazu weiß ich leider nichts.
product-material = { $name } ist aus { $material }.
product-description = Zu { $name }: { $description }

## Stock and price
in-stock = Das ist hier vorrätig.
in-stock-size = Das ist hier in Größe { $size } vorrätig.
in-stock-your-size = Das ist hier in Ihrer Größe { $size } vorrätig.
not-in-size = In Größe { $size } habe ich das hier leider nicht. Hier vorrätige Größen: { $sizes }.
not-in-your-size = In Ihrer Größe { $size } habe ich das hier leider nicht. Hier vorrätige Größen: { $sizes }.
no-such-size = In Größe { $size } gibt es das leider nicht. Hier vorrätige Größen: { $sizes }.
sizes-here = Hier vorrätige Größen: { $sizes }.
sold-out = Das ist hier leider ausverkauft.
elsewhere = An einem anderen Standort erhältlich: { $places }.
no-such-colour = In der Farbe { $colour } gibt es das leider nicht. Erhältliche Farben: { $colours }.
colours-available = Erhältliche Farben: { $colours }.
price-list = Das kostet { $list_price }.
price-reduced = Der Listenpreis beträgt { $list_price }, Sie zahlen { $price } ({ $discount }).
price-members = Für Mitglieder gilt ein Treuepreis. Nennen Sie dafür bitte dem Personal Ihre Mitgliedsnummer.
ask-purchase = Möchten Sie das kaufen?

## Comparing
compare-cheaper = { $name } kostet { $difference } weniger.
compare-same = Beides kostet gleich viel.
compare-what = Sagen Sie mir, welche zwei Artikel Sie vergleichen möchten.
cheaper-none = Etwas Günstigeres dieser Art habe ich leider nicht.

## Buying
buy-what = Sagen Sie mir bitte zuerst, was Sie kaufen möchten.
ask-size = Welche Größe möchten Sie? Hier vorrätig: { $sizes }.
order-line = { $quantity } × { $name }, { $colour }, Größe { $size }: { $price }.
order-line-plain = { $quantity } × { $name }: { $price }.
order-tax = Zuzüglich { $tax }: { $amount }.
ask-confirmation = Das macht zusammen { $total }. Darf ich den Betrag abbuchen? Bitte sagen Sie Ja oder Nein.
confirm-first = Ich buche erst nach einem klaren Ja ab. Bitte sagen Sie Ja oder Nein.
price-changed = Der Preis hat sich inzwischen geändert.
paid = Bezahlt: { $total }. Bitte nehmen Sie Ihre Ware aus Fach { $slots }.
thanks-name = Vielen Dank, { $customer }!
thanks = Vielen Dank!
receipt = Ihre Belegnummer lautet { $order }.
ask-feedback = Wie war es heute für Sie? Sagen Sie es mir gern in ein paar Worten.
feedback-thanks = Vielen Dank, das habe ich für das Geschäft notiert.
feedback-skipped = Kein Problem. Auf Wiedersehen!
order-cancelled = Ich habe die Bestellung storniert; es wurde nichts abgebucht.
nothing-to-cancel = Es gibt nichts zu stornieren; es wurde nichts abgebucht.
too-late-to-cancel = Diese Bestellung ist schon abgeschlossen. Wenn Sie etwas zurückgeben möchten, wenden Sie sich bitte an das Personal.
order-expired = Die Reservierung ist abgelaufen; es wurde nichts abgebucht. Soll ich noch einmal reservieren?

## Refusals
out-of-stock = Leider ist hier nicht mehr genug davon da.
too-many = So viele auf einmal kann ich leider nicht verkaufen.
limit-reached = { $name }: Davon und von ähnlichen Waren darf ich an eine Person höchstens { $limit } Stück am Tag verkaufen.
age-restricted = Das darf ich nur an Personen ab { $min_age } Jahren verkaufen, deshalb muss jemand vom Personal zustimmen. Ich habe schon jemanden gerufen.
payment-declined = Die Zahlung wurde leider abgelehnt; es wurde nichts abgebucht. Möchten Sie es noch einmal versuchen?
payment-unclear = Ich konnte das Zahlungsterminal nicht erreichen; ich habe das Personal gerufen. Es wird nicht doppelt abgebucht.
dispense-failed = Der Automat konnte Ihre Ware leider nicht ausgeben. Es wurde nichts abgebucht; ich habe das Personal gerufen.
dispense-partial = Nur ein Teil Ihrer Bestellung wurde ausgegeben, und nur diesen Teil bezahlen Sie. Ich habe das Personal gerufen.
dispense-unclear = Ich kann nicht feststellen, ob Ihre Ware ausgegeben wurde; ich habe das Personal gerufen. Sie zahlen nur, was ausgegeben wird.
goods-unpaid = Ihre Ware wurde ausgegeben, aber die Zahlung war nicht möglich; es wurde nichts abgebucht. Ich habe das Personal gerufen.
consent-void = Die Bestellung hat sich geändert, seit Sie Ja gesagt haben. Ich frage lieber noch einmal.

## Small talk: the answer to each topic of ../small_talk
talk-who-are-you = Ich bin WalKiosk, die Stimme dieses Geschäfts: ein Programm, das Menschen geschrieben haben. Was darf ich für Sie heraussuchen?
talk-robot = Ich bin kein Mensch, sondern ein Computerprogramm mit Stimme. Sagen Sie mir gern, was Sie suchen, oder sagen Sie „Personal“, wenn Sie lieber mit einem Menschen sprechen.
talk-how-are-you = Hier ist alles bestens, danke der Nachfrage! Was darf ich für Sie heraussuchen?
talk-age-of-kiosk = Als Programm habe ich keinen Geburtstag, und zu Hause bin ich hier in diesem Automaten. Was darf ich für Sie heraussuchen?
talk-payment = Sie zahlen mit Karte am Terminal, sobald Sie zur Gesamtsumme Ja gesagt haben. Sagen Sie mir einfach, was Sie möchten.
talk-cash = Bargeld kann ich hier leider nicht annehmen, nur Karten am Terminal. Was kann ich sonst für Sie tun?
talk-membership = Zu Mitgliedschaft und Treuepreisen berät Sie das Personal: Sagen Sie „Personal“, dann rufe ich jemanden. Oder sagen Sie mir einfach, was Sie möchten.
talk-returns = Bei Umtausch und Erstattung hilft Ihnen das Personal. Sagen Sie einfach „Personal“, dann rufe ich jemanden.
talk-privacy = Was Sie sagen, nutze ich nur, um Sie hier zu bedienen, und vergesse es, wenn Sie gehen; nur Ihre Bestellung und Ihre Rückmeldung bleiben gespeichert. Sagen Sie mir also gern, was Sie suchen.
talk-joke = Mein bester Witz: Ich stehe den ganzen Tag herum und nenne das Arbeit. Und was darf ich für Sie heraussuchen?
talk-song-or-play = Singen liegt mir nicht, aber wir können ein Suchspiel machen: Sie nennen eine Farbe, und ich suche etwas Passendes.
talk-compliment = Vielen Dank, das ist sehr nett von Ihnen! Was darf ich noch für Sie heraussuchen?
talk-love = Das ist lieb von Ihnen! Ich bin zwar nur ein Automat, aber ich suche Ihnen gern etwas Schönes heraus: Was darf es sein?
talk-insult = Es tut mir leid, dass ich Ihnen keine Hilfe war. Sagen Sie mir bitte noch einmal, was Sie brauchen, oder sagen Sie „Personal“, wenn Sie lieber mit einem Menschen sprechen.
talk-bored-or-sad = Das tut mir leid, und ich hoffe, der Tag wird noch schöner. Nennen Sie mir eine Farbe oder einen Film, den Sie mögen, dann suche ich etwas Nettes heraus.
talk-place = Das Gebäude und die Öffnungszeiten kenne ich nicht, aber das Personal hilft Ihnen: Sagen Sie „Personal“, dann rufe ich jemanden. Oder sagen Sie mir einfach, was Sie möchten.
talk-discount = Bei gleicher Mitgliedschaft zahlen alle dasselbe, deshalb kann ich am Preis nichts ändern. Sagen Sie „günstiger“, dann suche ich etwas, das weniger kostet.
talk-delivery = Ich verkaufe nur, was hier im Automaten ist, und Sie nehmen es gleich mit; verschicken kann ich nichts. Was darf ich für Sie heraussuchen?
talk-try-on = Von einer Umkleide hier weiß ich nichts, aber welche Größen es gibt, sage ich Ihnen gern. Ob sich etwas umtauschen lässt, wenn es nicht passt, sagt Ihnen das Personal.
talk-wrapping = Eine Geschenkverpackung oder Tragetasche gibt es hier am Automaten leider nicht. Sagen Sie einfach Bescheid, wenn es weitergehen soll.
talk-languages-spoken = Ich spreche Deutsch, Englisch, Spanisch, Französisch, Italienisch, Portugiesisch, Hindi, Chinesisch und Japanisch. Sprechen Sie einfach in der Sprache, die Ihnen lieb ist.
talk-what-do-you-sell = Nennen Sie mir eine Art von Ware, eine Farbe oder eine Filmszene, dann suche ich heraus, was ich habe.
talk-which-films = Nennen Sie mir einfach einen Film, eine Schauspielerin oder einen Regisseur, dann sehe ich nach, was ich dazu weiß.
talk-off-topic = Das weiß ich leider nicht, ich kenne nur dieses Geschäft. Was darf ich für Sie heraussuchen?
talk-sorry = Macht gar nichts! Sagen Sie mir einfach, was Sie möchten.
talk-waiting = Lassen Sie sich Zeit. Ich bin hier, sagen Sie einfach Bescheid, wenn Sie so weit sind.
talk-just-looking = Natürlich, sehen Sie sich gern in Ruhe um. Wenn Sie eine Anregung möchten, nennen Sie mir eine Farbe oder einen Film.
talk-noise = Kein Problem! Sprechen Sie mich einfach an, wenn Sie etwas möchten.
talk-laugh = Schön, dass Sie so gute Laune haben! Was darf ich für Sie heraussuchen?
talk-test = Ja, das ist angekommen! Was darf ich für Sie heraussuchen?
talk-stop-talking = Gut, ich höre zu. Die Lautstärke kann ich nicht ändern, das Personal aber schon, und was ich sage, steht auch auf dem Bildschirm.

## More to show, and asking again
more-there = Es gibt noch mehr davon. Sagen Sie „mehr“ oder sagen Sie mir, was Ihnen gefällt.
no-more = Das war alles von dieser Art.
say-again-purchase = Das habe ich nicht verstanden. Möchten Sie das kaufen?
say-again-choice = Das habe ich nicht verstanden. Was davon hätten Sie gern?
say-again-size = Das habe ich nicht verstanden. Welche Größe brauchen Sie?
