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
