# What the kiosk says in Spanish. Placeholders are filled with facts from tools, already formatted for the language.

## Greeting, small talk, help
welcome = ¡Hola! Puedo buscarle y venderle artículos de nuestra tienda, también a partir de la película en la que los vio. ¿Qué desea?
welcome-known = ¡Hola, { $customer }! ¿Qué le busco hoy?
small-talk = Es un placer hablar con usted. Dígame qué le gustaría encontrar.
ask-what = ¿Qué más puedo hacer por usted?
thanks-reply = De nada. ¿Desea algo más?
goodbye = ¡Gracias por su visita y hasta pronto!
help-text = Dígame qué busca: por ejemplo, una prenda con su color y su talla, o lo que alguien llevaba en una película. Le diré el precio y si lo tenemos aquí; cuando diga «Me lo llevo», le pediré que confirme antes de pagar.
staff-called = He avisado al personal. Enseguida le atenderán.
language-changed = Por supuesto, hablemos en español.

## Not understood
not-heard = No he oído nada. ¿En qué puedo ayudarle?
too-long = Eso ha sido demasiado largo para mí. Por favor, dígame en una o dos frases qué desea.
not-understood = Perdón, no le he entendido. Por favor, dígalo con otras palabras.
something-wrong = Perdón, algo ha fallado por mi parte. Inténtelo de nuevo, por favor, o llame al personal.

## Finding
found-one = Tengo { $name } en color { $colour }.
found-one-plain = Tengo { $name }.
found-many = Tengo estos artículos:
option = { $position }. { $name }, { $colour }: { $price }.
option-plain = { $position }. { $name }: { $price }.
ask-which = ¿Cuál prefiere?
nothing-found = No tengo nada así en la tienda.
nothing-so = No tengo nada que cumpla todo eso. Lo más parecido que tengo:
unknown-name = No conozco el nombre «{ $name }».
which-name = ¿Se refiere a { $names }?
path-none = Conozco estos nombres: { $names }, pero no he encontrado nada que responda a su pregunta.
path-none-plain = No he encontrado nada que responda a su pregunta.
path-answer = { $answer }. Lo he encontrado así: { $path }.
path-names = He encontrado lo siguiente: { $names }.
path-more = Hay { $count } en total; si me da más detalles, puedo afinar la búsqueda.
fact-value = { $node }: { $value }.
fact-is = Es { $node }.
fact-unknown = No tengo ese dato.
product-material = { $name } es de { $material }.
product-description = Sobre { $name }: { $description }

## Stock and price
in-stock = Está disponible aquí.
in-stock-size = Está disponible aquí en la talla { $size }.
in-stock-your-size = Está disponible aquí en su talla, la { $size }.
not-in-size = Aquí no lo tengo en la talla { $size }. Tallas disponibles aquí: { $sizes }.
not-in-your-size = Aquí no lo tengo en su talla, la { $size }. Tallas disponibles aquí: { $sizes }.
no-such-size = No se fabrica en la talla { $size }. Tallas disponibles aquí: { $sizes }.
sizes-here = Tallas disponibles aquí: { $sizes }.
sold-out = Aquí se ha agotado.
elsewhere = Puede encontrarlo en { $places }.
no-such-colour = No viene en color { $colour }. Colores disponibles: { $colours }.
colours-available = Colores disponibles: { $colours }.
price-list = Cuesta { $list_price }.
price-reduced = El precio de lista es { $list_price }; usted paga { $price } ({ $discount }).
price-members = Los socios tienen un precio especial; dígale su número de socio al personal para aprovecharlo.
ask-purchase = ¿Desea comprarlo?

## Comparing
compare-cheaper = { $name } cuesta { $difference } menos.
compare-same = Cuestan lo mismo.
compare-what = Dígame qué dos artículos desea comparar.
cheaper-none = No tengo nada más barato de este tipo.

## Buying
buy-what = Dígame primero qué desea comprar.
ask-size = ¿Qué talla desea? Tallas disponibles aquí: { $sizes }.
order-line = { $quantity } × { $name }, { $colour }, talla { $size }: { $price }.
order-line-plain = { $quantity } × { $name }: { $price }.
order-tax = Más { $tax }: { $amount }.
ask-confirmation = El total es { $total }. ¿Se lo cobro? Por favor, diga sí o no.
confirm-first = Solo cobro después de un sí claro. Por favor, diga sí o no.
price-changed = Entretanto, el precio ha cambiado.
paid = Pagado: { $total }. Ya puede recoger su compra. Compartimento: { $slots }.
thanks-name = ¡Gracias, { $customer }!
thanks = ¡Gracias!
receipt = Su número de recibo es { $order }.
ask-feedback = ¿Qué tal le ha ido hoy? Cuéntemelo en pocas palabras.
feedback-thanks = Gracias, lo he anotado para la tienda.
feedback-skipped = No pasa nada. ¡Hasta pronto!
order-cancelled = He cancelado el pedido; no se le ha cobrado nada.
nothing-to-cancel = No hay nada que cancelar; no se le ha cobrado nada.
too-late-to-cancel = Ese pedido ya está completado. Para una devolución, consulte al personal.
order-expired = La reserva ha vencido; no se le ha cobrado nada. ¿Lo reservo de nuevo?

## Refusals
out-of-stock = Lo siento, aquí no quedan suficientes unidades.
too-many = No puedo vender tantas unidades a la vez.
limit-reached = { $name }: de este tipo de artículos puedo vender como máximo { $limit } por cliente y día.
age-restricted = Solo se vende a partir de los { $min_age } años, así que el personal debe autorizarlo. Ya he avisado a alguien.
payment-declined = El pago ha sido rechazado; no se le ha cobrado nada. ¿Quiere intentarlo de nuevo?
payment-unclear = No he podido conectar con el terminal de pago; he avisado al personal. No se le cobrará dos veces.
dispense-failed = La máquina no ha podido entregar su compra. No se le ha cobrado nada; he avisado al personal.
dispense-partial = Solo ha salido una parte de su pedido; usted paga solo esa parte. He avisado al personal.
dispense-unclear = No puedo saber si su compra ha salido; he avisado al personal. Usted paga solo lo que salga.
goods-unpaid = Su compra ha salido, pero el pago no se ha podido completar; no se le ha cobrado nada. He avisado al personal.
consent-void = El pedido ha cambiado desde que dijo que sí. Permítame preguntarle de nuevo.
