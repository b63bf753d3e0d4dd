# What the kiosk says in Chinese. Placeholders are filled with facts from tools, already formatted for the language.

## Greeting, small talk, help
welcome = 您好！我可以帮您查找并购买店里的商品，告诉我您在哪部电影里见过也行。您想要什么？
welcome-known = 您好，{ $customer }！今天想找点什么？
small-talk = 很高兴和您聊天。请告诉我您想找什么。
ask-what = 还有什么可以帮您？
thanks-reply = 不客气。您还需要别的吗？
goodbye = 再见，感谢您的光临！
help-text = 请告诉我您在找什么，比如某种颜色和尺码的衣服，或者某人在电影里穿的衣物。我会告诉您价格以及这里有没有货；您说“我要这个”后，我会先请您确认，然后再付款。
staff-called = 我已经叫了同事，马上就有人来为您服务。
language-changed = 当然，我们说中文吧。

## Not understood
not-heard = 我什么也没听到。请问有什么可以帮您？
too-long = 这段话对我来说太长了。请用一两句话告诉我您想要什么。
not-understood = 抱歉，我没听懂。请换个说法。
something-wrong = 抱歉，我这边出了点问题。请再试一次，或者找店员帮忙。

## Finding
found-one = 我这里有{ $name }，颜色：{ $colour }。
found-one-plain = 我这里有{ $name }。
found-many = 我这里有这些：
option = { $position }. { $name }，{ $colour }：{ $price }。
option-plain = { $position }. { $name }：{ $price }。
ask-which = 您想要哪一个？
nothing-found = 店里没有这样的商品。
nothing-so = 没有完全符合这些要求的商品。最接近的有：
unknown-name = 我不知道“{ $name }”这个名字。
which-name = 您是指{ $names }吗？
path-none = 我知道{ $names }，但没有找到符合您问题的结果。
path-none-plain = 我没有找到符合您问题的结果。
path-answer = { $answer }。我是这样找到的：{ $path }。
path-names = 我找到了：{ $names }。
path-more = 总共有 { $count } 个；再多说一些，我就能缩小范围。
fact-value = { $node }：{ $value }。
fact-is = 是{ $node }。
fact-unknown = 我这里没有这项信息。
product-material = { $name }的材质：{ $material }。
product-description = 关于{ $name }：{ $description }

## Stock and price
in-stock = 这里有货。
in-stock-size = 这里有 { $size } 码的现货。
in-stock-your-size = 这里有您的尺码 { $size } 的现货。
not-in-size = 这里没有 { $size } 码。这里有的尺码：{ $sizes }。
not-in-your-size = 这里没有您的尺码 { $size }。这里有的尺码：{ $sizes }。
no-such-size = 这款没有 { $size } 码。这里有的尺码：{ $sizes }。
sizes-here = 这里有的尺码：{ $sizes }。
sold-out = 这里已经卖完了。
elsewhere = 这些地方有货：{ $places }。
no-such-colour = 这款没有这个颜色：{ $colour }。可选颜色：{ $colours }。
colours-available = 可选颜色：{ $colours }。
price-list = 价格：{ $list_price }。
price-reduced = 标价 { $list_price }，您只需付 { $price }（{ $discount }）。
price-members = 会员可享会员价；请把会员号告诉店员即可使用。
ask-purchase = 您想买吗？

## Comparing
compare-cheaper = { $name }便宜 { $difference }。
compare-same = 价格一样。
compare-what = 请告诉我您想比较哪两件商品。
cheaper-none = 这类商品没有更便宜的了。

## Buying
buy-what = 请先告诉我您想买什么。
ask-size = 您要什么尺码？这里有的尺码：{ $sizes }。
order-line = { $quantity } × { $name }，{ $colour }，尺码 { $size }：{ $price }。
order-line-plain = { $quantity } × { $name }：{ $price }。
order-tax = 另加{ $tax }：{ $amount }。
ask-confirmation = 一共 { $total }。确认收款吗？请说“是”或“不是”。
confirm-first = 只有您明确说“是”，我才会收款。请说“是”或“不是”。
price-changed = 在此期间价格变了。
paid = 已付款：{ $total }。请取走您的商品，货道：{ $slots }。
thanks-name = 谢谢您，{ $customer }！
thanks = 谢谢您！
receipt = 您的收据号是 { $order }。
ask-feedback = 今天的体验怎么样？请简单说几句。
feedback-thanks = 谢谢，我已经替店里记下来了。
feedback-skipped = 没关系。再见！
order-cancelled = 订单已取消，没有扣款。
nothing-to-cancel = 没有可以取消的订单，没有扣款。
too-late-to-cancel = 这个订单已经完成了。如需退货，请咨询店员。
order-expired = 预留时间已过，没有扣款。要重新预留吗？

## Refusals
out-of-stock = 抱歉，这里的库存不够了。
too-many = 一次不能卖这么多。
limit-reached = { $name }：这类商品每位顾客每天最多只能买 { $limit } 件。
age-restricted = 这件商品只卖给年满 { $min_age } 岁的顾客，需要同事确认。我已经叫了同事。
payment-declined = 付款被拒绝，没有扣款。您想再试一次吗？
payment-unclear = 我连不上支付终端，已经叫了同事。不会重复扣款。
dispense-failed = 机器没能送出您的商品。没有扣款，我已经叫了同事。
dispense-partial = 您的订单只送出了一部分，您只需为送出的部分付款。我已经叫了同事。
dispense-unclear = 我无法确定您的商品是否已送出，已经叫了同事。您只需为实际送出的商品付款。
goods-unpaid = 您的商品已送出，但未能收款。没有扣款，我已经叫了同事。
consent-void = 您确认之后订单有了变化，请让我再问一次。
