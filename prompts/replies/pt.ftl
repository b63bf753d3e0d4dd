# What the kiosk says in Portuguese. Placeholders are filled with facts from tools, already formatted for the language.

## Greeting, small talk, help
welcome = Olá! Posso encontrar e vender produtos da nossa loja para você, até pelo filme em que você os viu. O que deseja?
welcome-known = Olá, { $customer }! O que posso encontrar para você hoje?
small-talk = É um prazer conversar com você. Diga o que gostaria de encontrar.
ask-what = O que mais posso fazer por você?
thanks-reply = De nada. Deseja mais alguma coisa?
goodbye = Agradecemos a sua visita. Até logo!
help-text = Diga o que procura, por exemplo uma peça de roupa com a cor e o tamanho, ou o que alguém usou em um filme. Eu informo o preço e se temos aqui; quando você disser “Vou levar”, peço que confirme antes de pagar.
staff-called = Chamei um atendente. Em instantes alguém vem atender você.
language-changed = Claro, vamos falar português.

## Not understood
not-heard = Não ouvi nada. O que posso fazer por você?
too-long = Isso foi longo demais para mim. Por favor, diga em uma ou duas frases o que deseja.
not-understood = Desculpe, não entendi. Por favor, diga com outras palavras.
one-moment = Um momento, por favor: está demorando um pouco mais.
something-wrong = Desculpe, algo deu errado por aqui. Tente de novo, por favor, ou peça ajuda a um atendente.

## Finding
found-one = Tenho { $name } em { $colour }.
found-one-plain = Tenho { $name }.
found-many = Tenho estes produtos:
option = { $position }. { $name }, { $colour }: { $price }.
option-plain = { $position }. { $name }: { $price }.
ask-which = Qual você prefere?
nothing-found = Não tenho nada assim na loja.
nothing-so = Não tenho nada que atenda a tudo isso. O mais parecido que tenho:
unknown-name = Não conheço o nome “{ $name }”.
which-name = Você quer dizer { $names }?
path-none = Conheço { $names }, mas não encontrei nada que responda à sua pergunta.
path-none-plain = Não encontrei nada que responda à sua pergunta.
path-answer = { $answer }. Encontrei assim: { $path }.
path-names = Encontrei: { $names }.
path-more = São { $count } no total; se você der mais detalhes, posso refinar a busca.
fact-value = { $node }: { $value }.
fact-is = É { $node }.
fact-unknown = Não tenho essa informação.
product-material = { $name } é de { $material }.
product-description = Sobre { $name }: { $description }

## Stock and price
in-stock = Está disponível aqui.
in-stock-size = Está disponível aqui no tamanho { $size }.
in-stock-your-size = Está disponível aqui no seu tamanho, { $size }.
not-in-size = Não tenho o tamanho { $size } aqui. Tamanhos disponíveis aqui: { $sizes }.
not-in-your-size = Não tenho o seu tamanho, { $size }, aqui. Tamanhos disponíveis aqui: { $sizes }.
no-such-size = Não existe no tamanho { $size }. Tamanhos disponíveis aqui: { $sizes }.
sizes-here = Tamanhos disponíveis aqui: { $sizes }.
sold-out = Aqui já esgotou.
elsewhere = Você encontra em { $places }.
no-such-colour = Não existe em { $colour }. Cores disponíveis: { $colours }.
colours-available = Cores disponíveis: { $colours }.
price-list = Custa { $list_price }.
price-reduced = O preço de tabela é { $list_price }; você paga { $price } ({ $discount }).
price-members = Membros do programa de fidelidade têm um preço especial; informe o seu número de membro a um atendente para aproveitar.
ask-purchase = Deseja comprar?

## Comparing
compare-cheaper = { $name } custa { $difference } a menos.
compare-same = O preço é o mesmo.
compare-what = Diga quais são os dois produtos que você gostaria de comparar.
cheaper-none = Não tenho nada mais barato desse tipo.

## Buying
buy-what = Primeiro, diga o que deseja comprar.
ask-size = Qual tamanho você deseja? Tamanhos disponíveis aqui: { $sizes }.
order-line = { $quantity } × { $name }, { $colour }, tamanho { $size }: { $price }.
order-line-plain = { $quantity } × { $name }: { $price }.
order-tax = Mais { $tax }: { $amount }.
ask-confirmation = O total é { $total }. Posso cobrar? Por favor, diga sim ou não.
confirm-first = Só cobro depois de um sim claro. Por favor, diga sim ou não.
price-changed = O preço mudou nesse meio-tempo.
paid = Pago: { $total }. Pode retirar a sua compra. Compartimento: { $slots }.
thanks-name = Agradecemos a preferência, { $customer }!
thanks = Agradecemos a preferência!
receipt = O número do seu recibo é { $order }.
ask-feedback = Como foi hoje? Conte em poucas palavras.
feedback-thanks = Agradeço o comentário; já anotei isso para a loja.
feedback-skipped = Sem problema. Até logo!
order-cancelled = Cancelei o pedido; nada foi cobrado.
nothing-to-cancel = Não há nada para cancelar; nada foi cobrado.
too-late-to-cancel = Esse pedido já foi concluído. Para uma devolução, fale com um atendente.
order-expired = A reserva expirou; nada foi cobrado. Posso reservar de novo?

## Refusals
out-of-stock = Desculpe, não há quantidade suficiente aqui.
too-many = Não posso vender uma quantidade tão grande de uma vez.
limit-reached = { $name }: deste tipo de produto, posso vender no máximo { $limit } por cliente por dia.
age-restricted = A venda é só para pessoas com { $min_age } anos ou mais, por isso um atendente precisa autorizar. Já chamei alguém.
payment-declined = O pagamento foi recusado; nada foi cobrado. Quer tentar de novo?
payment-unclear = Não consegui me comunicar com o terminal de pagamento; chamei um atendente. Não haverá cobrança em dobro.
dispense-failed = A máquina não conseguiu entregar a sua compra. Nada foi cobrado; chamei um atendente.
dispense-partial = Só saiu uma parte do seu pedido; você paga apenas essa parte. Chamei um atendente.
dispense-unclear = Não sei dizer se a sua compra saiu; chamei um atendente. Você paga apenas o que sair.
goods-unpaid = A sua compra saiu, mas não consegui concluir o pagamento; nada foi cobrado. Chamei um atendente.
consent-void = O pedido mudou desde que você disse sim. Vou perguntar de novo.

## Small talk: the answer to each topic of ../small_talk
talk-who-are-you = Eu sou o WalKiosk, a voz desta loja: um programa feito por pessoas. O que posso encontrar para você?
talk-robot = Não sou uma pessoa, e sim um programa com voz. Diga o que procura, ou diga “atendente” se prefere falar com alguém.
talk-how-are-you = Por aqui vai tudo bem, e agradeço a pergunta! O que posso encontrar para você?
talk-age-of-kiosk = Sou um programa, não tenho aniversário, e moro aqui mesmo neste quiosque. O que posso encontrar para você?
talk-payment = O pagamento é com cartão no terminal, depois que você diz sim ao total. Diga o que deseja.
talk-cash = Não posso receber dinheiro em espécie aqui, só cartão no terminal. O que mais posso fazer por você?
talk-membership = Sobre como virar membro e os preços de fidelidade, um atendente explica tudo: diga “atendente” e eu chamo alguém. Ou então diga o que deseja.
talk-returns = Trocas e devoluções são com um atendente. Diga “atendente” e eu chamo alguém.
talk-privacy = O que você diz só serve para atender você aqui, e eu esqueço quando você vai embora; só ficam o seu pedido e a sua opinião. Pode dizer à vontade o que procura.
talk-joke = A minha melhor piada: passo o dia inteiro aqui sem me mexer e chamo isso de trabalho. E para você, o que posso encontrar?
talk-song-or-play = Cantar não é comigo, mas dá para brincar de procurar: você diz uma cor e eu busco algo que combine.
talk-compliment = Que gentileza a sua! O que mais posso encontrar para você?
talk-love = Que carinho! Sou só um quiosque, mas busco algo bonito para você com prazer: do que você gostaria?
talk-insult = Desculpe por não ter ajudado. Diga de novo o que precisa, por favor, ou diga “atendente” para falar com uma pessoa.
talk-bored-or-sad = Sinto muito, e espero que o dia melhore. Diga uma cor ou um filme de que gosta, e eu busco algo bonito.
talk-place = Não conheço o prédio nem os horários, mas um atendente pode ajudar: diga “atendente” e eu chamo alguém. Ou então diga o que deseja.
talk-discount = Com o mesmo nível de fidelidade, o preço é igual para todos, e não posso mudar. Diga “mais barato” e eu procuro algo que custe menos.
talk-delivery = Só vendo o que está nesta máquina, e você já leva na hora; não posso enviar nada. O que posso encontrar para você?
talk-try-on = Não sei de nenhum provador aqui, mas posso dizer quais tamanhos existem. Se algo não servir, um atendente diz se é possível trocar.
talk-wrapping = Aqui na máquina não tem embrulho para presente nem sacola, sinto muito. Diga quando quiser continuar.
talk-languages-spoken = Falo português, inglês, espanhol, francês, alemão, italiano, hindi, chinês e japonês. Fale comigo na língua que preferir.
talk-what-do-you-sell = Diga um tipo de produto, uma cor ou uma cena de filme, e eu procuro o que tenho.
talk-which-films = Diga um filme, um ator ou um diretor, e eu vejo o que sei sobre isso.
talk-off-topic = Isso eu não sei, só conheço esta loja. O que posso encontrar para você?
talk-sorry = Não foi nada! Diga o que deseja.
talk-waiting = Fique à vontade, sem pressa. Estou aqui; diga quando quiser continuar.
talk-just-looking = Claro, pode olhar à vontade. Se quiser uma ideia, diga uma cor ou um filme.
talk-noise = Sem problema! Fale comigo quando quiser alguma coisa.
talk-laugh = Que bom esse alto-astral! O que posso encontrar para você?
talk-test = Sim, chegou até mim! O que posso encontrar para você?
talk-stop-talking = Tudo bem, estou ouvindo. Não posso mudar o volume, mas um atendente pode, e o que eu digo também aparece na tela.

## More to show, and asking again
more-there = Há mais além destes; diga “mais” ou conte do que você gosta.
no-more = Isso era tudo o que havia desse tipo.
say-again-purchase = Não entendi. Deseja comprar?
say-again-choice = Não entendi. Qual você prefere?
say-again-size = Não entendi. De qual tamanho você precisa?
