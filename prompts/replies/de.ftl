# What the kiosk says in German. Placeholders are filled with facts from tools, already formatted for the language.

## Greeting, small talk, help
welcome = Hallo! Ich kann Ihnen Artikel aus unserem Geschäft heraussuchen und verkaufen, auch nach dem Film, in dem Sie sie gesehen haben. Was darf es sein?
welcome-known = Hallo { $customer }! Was darf ich heute für Sie heraussuchen?
small-talk = Schön, mit Ihnen zu plaudern. Sagen Sie mir, was Sie gern finden möchten.
ask-what = Was kann ich noch für Sie tun?
thanks-reply = Gern geschehen. Darf es noch etwas sein?
goodbye = Auf Wiedersehen und danke für Ihren Besuch!
help-text = Sagen Sie mir, was Sie suchen, zum Beispiel ein Kleidungsstück mit Farbe und Größe oder was jemand in einem Film getragen hat. Ich nenne Ihnen den Preis und sage, ob es hier vorrätig ist. Wenn Sie „Das nehme ich“ sagen, bitte ich Sie um eine Bestätigung, bevor Sie bezahlen.
staff-called = Ich habe jemanden vom Personal gerufen. Es ist gleich jemand für Sie da.
language-changed = Natürlich, sprechen wir Deutsch.

## Not understood
not-heard = Ich habe nichts gehört. Was kann ich für Sie tun?
too-long = Das war zu lang für mich. Bitte sagen Sie mir in ein oder zwei Sätzen, was Sie möchten.
not-understood = Entschuldigung, das habe ich nicht verstanden. Bitte sagen Sie es mit anderen Worten.
something-wrong = Entschuldigung, bei mir ist etwas schiefgegangen. Bitte versuchen Sie es noch einmal oder fragen Sie das Personal.

## Finding
found-one = Ich habe diesen Artikel: { $name }, Farbe: { $colour }.
found-one-plain = Ich habe diesen Artikel: { $name }.
found-many = Diese Artikel habe ich:
option = { $position }. { $name }, { $colour }: { $price }.
option-plain = { $position }. { $name }: { $price }.
ask-which = Was davon hätten Sie gern?
nothing-found = So etwas habe ich nicht im Geschäft.
nothing-so = Ich habe nichts, bei dem alles davon passt. Am nächsten kommt dem:
unknown-name = Den Namen „{ $name }“ kenne ich nicht.
which-name = Meinen Sie { $names }?
path-none = Ich kenne { $names }, habe aber nichts gefunden, was zu Ihrer Frage passt.
path-none-plain = Ich habe nichts gefunden, was zu Ihrer Frage passt.
path-answer = { $answer }. So habe ich es gefunden: { $path }.
path-names = Das habe ich gefunden: { $names }.
path-more = Insgesamt gibt es { $count }; sagen Sie mir mehr, dann kann ich die Auswahl eingrenzen.
fact-value = { $node }: { $value }.
fact-is = Das ist { $node }.
fact-unknown = Dazu liegt mir nichts vor.
product-material = { $name }, Material: { $material }.
product-description = Über { $name }: { $description }

## Stock and price
in-stock = Das ist hier vorrätig.
in-stock-size = Das ist hier in Größe { $size } vorrätig.
in-stock-your-size = Das ist hier in Ihrer Größe { $size } vorrätig.
not-in-size = In Größe { $size } habe ich das hier nicht. Größen hier: { $sizes }.
not-in-your-size = In Ihrer Größe { $size } habe ich das hier nicht. Größen hier: { $sizes }.
no-such-size = In Größe { $size } gibt es das nicht. Größen hier: { $sizes }.
sizes-here = Größen hier: { $sizes }.
sold-out = Das ist hier ausverkauft.
elsewhere = Woanders erhältlich: { $places }.
no-such-colour = In dieser Farbe gibt es das nicht: { $colour }. Erhältliche Farben: { $colours }.
colours-available = Erhältliche Farben: { $colours }.
price-list = Das kostet { $list_price }.
price-reduced = Der Listenpreis ist { $list_price }; Sie zahlen { $price } ({ $discount }).
price-members = Für Mitglieder gilt ein Treuepreis; nennen Sie dafür dem Personal Ihre Mitgliedsnummer.
ask-purchase = Möchten Sie das kaufen?

## Comparing
compare-cheaper = { $name } kostet { $difference } weniger.
compare-same = Beides kostet gleich viel.
compare-what = Sagen Sie mir, welche zwei Artikel Sie vergleichen möchten.
cheaper-none = Etwas Günstigeres dieser Art habe ich nicht.

## Buying
buy-what = Sagen Sie mir bitte zuerst, was Sie kaufen möchten.
ask-size = Welche Größe möchten Sie? Größen hier: { $sizes }.
order-line = { $quantity } × { $name }, { $colour }, Größe { $size }: { $price }.
order-line-plain = { $quantity } × { $name }: { $price }.
order-tax = Zuzüglich { $tax }: { $amount }.
ask-confirmation = Das macht zusammen { $total }. Darf ich den Betrag abbuchen? Bitte sagen Sie Ja oder Nein.
confirm-first = Ich buche erst nach einem klaren Ja ab. Bitte sagen Sie Ja oder Nein.
price-changed = Der Preis hat sich inzwischen geändert.
paid = Bezahlt: { $total }. Bitte entnehmen Sie Ihre Ware. Fach: { $slots }.
thanks-name = Vielen Dank, { $customer }!
thanks = Vielen Dank!
receipt = Ihre Belegnummer ist { $order }.
ask-feedback = Wie war es heute? Sagen Sie es mir in ein paar Worten.
feedback-thanks = Danke, das habe ich für das Geschäft notiert.
feedback-skipped = Kein Problem. Auf Wiedersehen!
order-cancelled = Ich habe die Bestellung storniert; es wurde nichts abgebucht.
nothing-to-cancel = Es gibt nichts zu stornieren; es wurde nichts abgebucht.
too-late-to-cancel = Diese Bestellung ist schon abgeschlossen. Für eine Rückgabe fragen Sie bitte das Personal.
order-expired = Die Reservierung ist abgelaufen; es wurde nichts abgebucht. Soll ich noch einmal reservieren?

## Refusals
out-of-stock = Leider ist hier nicht mehr genug davon da.
too-many = So viele auf einmal kann ich nicht verkaufen.
limit-reached = { $name }: Von solchen Waren darf ich am Tag höchstens { $limit } Stück an eine Person verkaufen.
age-restricted = Das wird nur an Personen ab { $min_age } Jahren verkauft, deshalb muss jemand vom Personal zustimmen. Ich habe schon gerufen.
payment-declined = Die Zahlung wurde abgelehnt; es wurde nichts abgebucht. Möchten Sie es noch einmal versuchen?
payment-unclear = Ich konnte das Zahlungsterminal nicht erreichen; ich habe das Personal gerufen. Es wird nicht doppelt abgebucht.
dispense-failed = Der Automat konnte Ihre Ware nicht ausgeben. Es wurde nichts abgebucht; ich habe das Personal gerufen.
dispense-partial = Nur ein Teil Ihrer Bestellung wurde ausgegeben; Sie zahlen nur diesen Teil. Ich habe das Personal gerufen.
dispense-unclear = Ich kann nicht feststellen, ob Ihre Ware ausgegeben wurde; ich habe das Personal gerufen. Sie zahlen nur, was ausgegeben wird.
goods-unpaid = Ihre Ware wurde ausgegeben, aber die Zahlung war nicht möglich; es wurde nichts abgebucht. Ich habe das Personal gerufen.
consent-void = Die Bestellung hat sich geändert, seit Sie Ja gesagt haben. Ich frage lieber noch einmal.
