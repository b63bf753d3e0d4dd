# What the kiosk says in Chinese. Placeholders are filled with facts from tools, already formatted for the language.

## Greeting, small talk, help
welcome = 您好！我可以帮您找商品、买商品，说说您是在哪部电影里看到的也行。您想要点什么？
welcome-known = 您好，{ $customer }！今天想找点什么？
small-talk = 很高兴和您聊天。请告诉我您想找什么。
ask-what = 还有什么可以帮您的？
thanks-reply = 不客气。您还需要别的吗？
goodbye = 再见，感谢您的光临！
help-text = 请告诉我您在找什么，比如某种颜色和尺码的衣服，或者某人在电影里穿戴过的东西。我会告诉您价格和有没有现货；等您说“我要这个”，我会先请您确认，然后才收款。
staff-called = 我已经叫了店员，马上就有人来为您服务。
language-changed = 好的，我们说中文。

## Not understood
not-heard = 我没有听到声音。请问有什么可以帮您？
too-long = 抱歉，这段话太长了。请用一两句话告诉我您想要什么。
not-understood = 抱歉，我没明白您的意思，请换个说法。
something-wrong = 抱歉，我这边出了点问题。请再试一次，或者请店员帮忙。

## Finding
found-one = 为您找到了{ $colour }的{ $name }。
found-one-plain = 为您找到了{ $name }。
found-many = 为您找到了这些：
option = { $position }. { $name }，{ $colour }：{ $price }。
option-plain = { $position }. { $name }：{ $price }。
ask-which = 您想要哪一款？
nothing-found = 抱歉，店里没有这样的商品。
nothing-so = 没有完全符合这些要求的商品。最接近的有：
unknown-name = 我没听说过“{ $name }”。
which-name = 您是指{ $names }吗？
path-none = 我知道{ $names }，但没有找到您问的内容。
path-none-plain = 我没有找到您问的内容。
path-answer = { $answer }。我是这样找到的：{ $path }。
path-names = 我找到了：{ $names }。
path-more = 一共有 { $count } 个；您再说具体一点，我就能缩小范围。
fact-value = { $node }：{ $value }。
fact-is = 是{ $node }。
fact-unknown = 我这里没有这项信息。
product-material = { $name }是{ $material }的。
product-description = 关于{ $name }：{ $description }

## Stock and price
in-stock = 这里有货。
in-stock-size = 这里有 { $size } 码的现货。
in-stock-your-size = 您的 { $size } 码这里有现货。
not-in-size = 这里没有 { $size } 码的现货。现有尺码：{ $sizes }。
not-in-your-size = 这里没有您的 { $size } 码的现货。现有尺码：{ $sizes }。
no-such-size = 这款没有 { $size } 码。现有尺码：{ $sizes }。
sizes-here = 现有尺码：{ $sizes }。
sold-out = 这里已经卖完了。
elsewhere = 在{ $places }可以买到。
no-such-colour = 这款没有{ $colour }。可选颜色：{ $colours }。
colours-available = 可选颜色：{ $colours }。
price-list = 价格是 { $list_price }。
price-reduced = 原价 { $list_price }，您只需付 { $price }（{ $discount }）。
price-members = 会员可享会员价，把会员号告诉店员即可。
ask-purchase = 您要买吗？

## Comparing
compare-cheaper = { $name }便宜 { $difference }。
compare-same = 它们价格一样。
compare-what = 请告诉我您想比较哪两件商品。
cheaper-none = 这类商品没有更便宜的了。

## Buying
buy-what = 请先告诉我您想买什么。
ask-size = 您要什么尺码？现有尺码：{ $sizes }。
order-line = { $quantity } × { $name }，{ $colour }，尺码 { $size }：{ $price }。
order-line-plain = { $quantity } × { $name }：{ $price }。
order-tax = 另加{ $tax }：{ $amount }。
ask-confirmation = 一共 { $total }。确认付款吗？请说“确认”或“取消”。
confirm-first = 只有您明确表示同意，我才会收款。请说“确认”或“取消”。
price-changed = 刚才价格有变动。
paid = 已付款：{ $total }。请从货道 { $slots } 取走您的商品。
thanks-name = 谢谢您，{ $customer }！
thanks = 谢谢您！
receipt = 您的收据号是 { $order }。
ask-feedback = 今天的体验怎么样？请简单说几句。
feedback-thanks = 谢谢，您的话我已经替店里记下了。
feedback-skipped = 没关系。再见！
order-cancelled = 订单已取消，没有扣款。
nothing-to-cancel = 现在没有可以取消的订单，也没有扣款。
too-late-to-cancel = 这个订单已经完成了。如需退货，请咨询店员。
order-expired = 预留时间已过，没有扣款。要为您重新预留吗？

## Refusals
out-of-stock = 抱歉，这里的库存不够了。
too-many = 抱歉，一次买不了这么多。
limit-reached = { $name }：这类商品每位顾客每天最多只能买 { $limit } 件。
age-restricted = 这件商品只售给年满 { $min_age } 周岁的顾客，需要店员批准。我已经叫了店员。
payment-declined = 付款被拒绝，没有扣款。要再试一次吗？
payment-unclear = 我连不上支付终端，已经叫了店员。不会重复扣款。
dispense-failed = 机器没能出货，没有向您扣款。我已经叫了店员。
dispense-partial = 您的订单只出了一部分货，您只需为已出的商品付款。我已经叫了店员。
dispense-unclear = 我无法确定您的商品是否已出货，已经叫了店员。您只需为实际出货的商品付款。
goods-unpaid = 您的商品已出货，但未能收款，没有向您扣款。我已经叫了店员。
consent-void = 您确认之后订单有了变化，我需要再问您一次。
