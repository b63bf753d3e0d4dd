# The texts of the morning report in English. Amounts, shares, times and numbers with decimals come formatted.

title = Morning report
looks-back = { $since } to { $until }
made-at = made { $when }
contents = Contents
before = before
before-title = The period before, of the same length
missing = This part could not be made. { $why }
untitled = (no name)

## The figures at the top
taken = Taken
sold-pieces = Pieces sold
to-bring = Pieces to bring
empty-now = Slots empty now
said = Comments
rated = { $rating } of 5
versus = { $change } on the period before
no-before = no period before to compare with
of-slots = for { $count ->
    [one] one slot
   *[other] { $count } slots
}
of-orders = in { $count ->
    [one] one order
   *[other] { $count } orders
}
lost-so-far = about { $lost } not taken

## Look at this first
urgent = Look at this first
nothing-urgent = Nothing needs you right now.
level-now = now
level-today = today
level-soon = soon
open-orders = { $count ->
    [one] One order was left open.
   *[other] { $count } orders were left open.
} Run “walkiosk orders recover”; what it cannot settle waits for a device.
unpaid-orders = { $count ->
    [one] One order
   *[other] { $count } orders
} went out without being paid.
jammed-slot = Slot { $slot } at { $kiosk } failed { $count ->
    [one] once
    [2] twice
   *[other] { $count } times
} to give out { $name }.
silent-kiosk = { $kiosk } has sold nothing for { $days } days.
sales-fell = { $share } less was taken than in the period before.
severe-theme = Somebody may be hurt: “{ $theme }” ({ $count ->
    [one] one customer
   *[other] { $count } customers
}).
growing-theme = { $count ->
    [one] One customer complains
   *[other] { $count } customers complain
}: “{ $theme }”.
empty-slots = { $count ->
    [one] One empty slot costs
   *[other] { $count } empty slots cost
} about { $lost } a week.
vain-wishes = Customers asked { $count } times for what was not there.
will-run-out = { $count ->
    [one] One slot will more likely than not run out
   *[other] { $count } slots will more likely than not run out
} before the next goods come; { $pieces ->
    [one] one piece is
   *[other] { $pieces } pieces are
} to be brought in all.
bring-goods = { $pieces ->
    [one] One piece is
   *[other] { $pieces } pieces are
} to be brought.
model-fails = The language model did not answer in { $share } of the turns that needed it.
hearing-fails = { $share } of what customers said could not be recognised.
speaking-fails = { $share } of the replies could not be spoken.
turns-fail = { $count ->
    [one] One turn
   *[other] { $count } turns
} of customers broke off with an error.
slow-replies = One reply in twenty takes longer than { $seconds } seconds.

## Orders to place
orders = Bring to the kiosks
orders-lead = What the slots must hold until the next but one goods come. “walkiosk ops replenish --out order.csv” writes all of it for the van.
orders-none = All slots hold enough: nothing is to be brought.
order-of = { $pieces ->
    [one] one piece
   *[other] { $pieces } pieces
} for { $slots ->
    [one] one slot
   *[other] { $slots } slots
}
col-bring = Bring
col-slot = Slot
col-goods = Goods
col-risk = Out before they come
more-lines = and { $count ->
    [one] one more slot
   *[other] { $count } more slots
}
blocked = { $count ->
    [one] One slot wants goods and has
   *[other] { $count } slots want goods and have
} no room for a pack.

## Stock-outs and wishes in vain
shortages = Asked for but not there
slots-empty = Empty slots
slots-lead = { $count ->
    [one] One slot was
   *[other] { $count } slots were
} empty for a time, { $now } of them still { $now ->
    [one] is
   *[other] are
}. What it cost is an estimate: the forecast for that time, at list prices.
slots-none = No slot was empty.
col-empty-for = Empty for
col-missed = Missed pieces
col-lost = Not taken
still-empty = still empty
lost-in-all = Together about { $lost } were not taken.
lost-unknown = Without a forecast it is not known what that cost.
only-worst = The list shows the { $count } that cost most.
wishes = What customers asked for in vain
wishes-lead = { $count ->
    [one] One wish
   *[other] { $count } wishes
} could not be met, { $before } in the period before.
wishes-none = No wish that the kiosks understood was left unmet.
only-most = The list shows the { $count } most frequent.
col-wish = Asked for
col-times = Times
lack-sold_out = sold out
lack-not_made = not made so
lack-not_sold = not in the shop
size = size { $size }

## Troubles
troubles = Dispenses and open orders
troubles-none = Every order ended well.
open-title = Left open
unpaid-title = Unpaid
jammed-title = Slots that failed
failed-dispenses = { $count ->
    [one] One order was
   *[other] { $count } orders were
} not or not wholly handed out ({ $before } in the period before), with { $paid } paid.
declined = Terminals declined { $count ->
    [one] one payment
   *[other] { $count } payments
}.
col-order = Order
col-since = Since
col-total = Total
col-failures = Failed
state-reserved = reserved
state-confirmed = payment unclear
state-authorised = paid for, not handed out
state-dispensing = handing out
state-dispensed = handed out, not charged
state-captured = charged, not closed
state-cancelling = being cancelled
state-voiding = payment being given back
state-refunding = being paid back
state-unpaid = unpaid
show-order = “walkiosk orders show ORDER” tells all of an order.

## What customers say
voices = What customers say
voices-lead = Summed up { $age } ago, for { $since } to { $until }.
voices-stale = This summary is { $age } old: run “walkiosk ops feedback”.
voices-none = No summary was made yet: run “walkiosk ops feedback”.
voices-all = It is of all kiosks.
voices-since = { $count ->
    [0] No comment has come since.
    [one] One comment has come since.
   *[other] { $count } comments have come since.
}
voices-quiet = No comment in this period.
newest = Comments that are not summed up yet
customers-said = { $count ->
    [one] one customer
   *[other] { $count } customers
}
customers-before = before: { $count }
order-no = order { $order }
stars = { $rating } of 5
trend-new = new
trend-growing = growing
trend-steady = steady
trend-shrinking = shrinking
severity-1 = spoils the visit
severity-2 = costs money or trust
severity-3 = somebody may be hurt
tone-praise = praise
tone-complaint = complaint
tone-none = remark

## Sales
sales = Sales
sales-by-day = Taken by day
sales-by-day-alt = Bars of what was taken on each day, paler bars beside them the day { $days } days before: { $values }.
this-period = this period
sales-none = Nothing was sold in this period.
kiosks = Kiosks
products = Products
products-note = Products are counted by the prices of their lines, without taxes on top.
col-kiosk = Kiosk
col-product = Product
col-orders = Orders
col-pieces = Pieces
col-taken = Taken
col-change = Change
new-sale = new
refunds = { $count ->
    [one] One sale was paid back
   *[other] { $count } sales were paid back
}, { $amount } in all; they are not counted.

## What will sell
outlook = What will sell
outlook-lead = Pieces a week. The line is what was sold, the dashed line the forecast (as likely exceeded as not), the band holds four of five outcomes.
outlook-kiosks = By kiosk
outlook-products = The products that will take most
curve-alt = { $name }: { $sold } pieces in the last week; the forecast for the week of { $week } is { $median }, in four of five cases { $low } to { $high }. Expected over { $weeks } weeks: { $expected } pieces.
curve-alt-new = { $name }: not known in the last week; the forecast for the week of { $week } is { $median }, in four of five cases { $low } to { $high }. Expected over { $weeks } weeks: { $expected } pieces.
curve-note = { $expected } expected in { $weeks } weeks
forecast-from = forecast
products-none = No product is expected to sell.

## Health
wellbeing = How well the kiosks listen and answer
wellbeing-none = Nothing was counted: no kiosk was talked to.
col-part = Part
col-used = Used
col-failed = Failed
col-half = Half within
col-most = 95 % within
part-turns = Turns, to the first sentence
part-model = Language model
part-hearing = Hearing, from the end of speech to words
part-speaking = Speaking, from the end of speech to sound
tools-failed = { $count ->
    [one] One call
   *[other] { $count } calls
} of the kiosk's tools failed.
sentences-refused = { $count ->
    [one] One sentence was
   *[other] { $count } sentences were
} not said because nothing backed it.
col-kiosk-failed = Failures
by-kiosk = By kiosk
footer = Made by WalKiosk from the shop's own records. Times are those of { $zone }.
