# What the kiosk says in Hindi. Placeholders are filled with facts from tools, already formatted for the language.
# The kiosk speaks as हम; no verb tells the gender of the customer.

## Greeting, small talk, help
welcome = नमस्ते! आपको जो चाहिए, हम दुकान में ढूँढकर यहीं दे देंगे; जिस फ़िल्म में उसे देखा हो, उसका नाम बताएँ तो भी चलेगा। बताइए, क्या चाहिए?
welcome-known = नमस्ते { $customer } जी! आज आपको क्या चाहिए?
small-talk = आपसे बात करके अच्छा लगा। बताइए, आपको क्या चाहिए?
ask-what = हम आपकी और क्या मदद करें?
thanks-reply = हमें ख़ुशी हुई। कुछ और चाहिए?
goodbye = आने के लिए धन्यवाद, फिर आइएगा। नमस्ते!
help-text = बताइए कि आपको क्या चाहिए: कोई कपड़ा, उसका रंग और साइज़, या वह चीज़ जो किसी ने फ़िल्म में पहनी हो। हम दाम बताएँगे और यह भी कि वह यहाँ है या नहीं। जब आप कहें “यह दे दीजिए”, तो पैसे लेने से पहले हम आपसे एक बार पूछ लेंगे।
staff-called = हमने एक कर्मचारी को बुला लिया है। कोई जल्द ही आपके पास आएगा।
language-changed = ज़रूर, हिंदी में बात करते हैं।

## Not understood
not-heard = हमें कुछ सुनाई नहीं दिया। आपकी क्या मदद करें?
too-long = यह बात बहुत लंबी हो गई। कृपया एक या दो वाक्यों में बताइए कि आपको क्या चाहिए।
not-understood = माफ़ कीजिए, यह बात समझ में नहीं आई। कृपया दूसरे शब्दों में कहिए।
something-wrong = माफ़ कीजिए, हमारी ओर से कुछ गड़बड़ हो गई। कृपया फिर से कोशिश कीजिए या कर्मचारी को बुलवाइए।

## Finding
found-one = हमारे पास यह है: { $name }, रंग { $colour }।
found-one-plain = हमारे पास यह है: { $name }।
found-many = हमारे पास ये हैं:
option = { $position }. { $name }, { $colour }: { $price }।
option-plain = { $position }. { $name }: { $price }।
ask-which = आपको कौन-सा चाहिए?
nothing-found = हमारी दुकान में ऐसा कुछ नहीं है।
nothing-so = बिल्कुल ऐसा तो कुछ नहीं है। सबसे मिलता-जुलता यह है:
unknown-name = हमें “{ $name }” नाम नहीं मालूम।
which-name = क्या आपका मतलब { $names } से है?
path-none = { $names } के बारे में हमें मालूम है, लेकिन आपके सवाल से मेल खाता कुछ नहीं मिला।
path-none-plain = आपके सवाल से मेल खाता कुछ नहीं मिला।
path-answer = { $answer }। यह जानकारी इस तरह मिली: { $path }।
path-names = हमें यह मिला: { $names }।
path-more = कुल { $count } हैं; कुछ और बताइए तो हम सूची छोटी कर सकते हैं।
fact-value = { $node }: { $value }।
fact-is = जवाब है: { $node }।
fact-unknown = यह जानकारी हमारे पास नहीं है।
product-material = { $name } में लगी सामग्री: { $material }।
product-description = { $name } के बारे में: { $description }

## Stock and price
in-stock = यह यहाँ उपलब्ध है।
in-stock-size = यह यहाँ साइज़ { $size } में उपलब्ध है।
in-stock-your-size = यह यहाँ आपके साइज़ { $size } में उपलब्ध है।
not-in-size = यह यहाँ साइज़ { $size } में नहीं है। यहाँ उपलब्ध साइज़: { $sizes }।
not-in-your-size = यह यहाँ आपके साइज़ { $size } में नहीं है। यहाँ उपलब्ध साइज़: { $sizes }।
no-such-size = यह साइज़ { $size } में नहीं आता। यहाँ उपलब्ध साइज़: { $sizes }।
sizes-here = यहाँ उपलब्ध साइज़: { $sizes }।
sold-out = यहाँ इसका स्टॉक ख़त्म हो गया है।
elsewhere = यह { $places } पर मिल जाएगा।
no-such-colour = यह इस रंग में नहीं आता: { $colour }। उपलब्ध रंग: { $colours }।
colours-available = उपलब्ध रंग: { $colours }।
price-list = इसका दाम { $list_price } है।
price-reduced = मूल दाम { $list_price } है; आपको { $price } देने होंगे ({ $discount })।
price-members = सदस्यों के लिए ख़ास दाम है; उसके लिए कर्मचारी को अपना सदस्यता नंबर बताइए।
ask-purchase = क्या आपको यह ख़रीदना है?

## Comparing
compare-cheaper = { $name } का दाम { $difference } कम है।
compare-same = दोनों का दाम बराबर है।
compare-what = बताइए, किन दो चीज़ों की तुलना करनी है।
cheaper-none = इस तरह की चीज़ों में इससे सस्ता कुछ नहीं है।

## Buying
buy-what = पहले बताइए कि क्या ख़रीदना है।
ask-size = कौन-सा साइज़ चाहिए? यहाँ उपलब्ध साइज़: { $sizes }।
order-line = { $quantity } × { $name }, { $colour }, साइज़ { $size }: { $price }।
order-line-plain = { $quantity } × { $name }: { $price }।
order-tax = इसके अलावा { $tax }: { $amount }।
ask-confirmation = कुल { $total } हुए। क्या हम यह भुगतान ले लें? कृपया हाँ या नहीं कहिए।
confirm-first = आपकी साफ़ “हाँ” के बाद ही हम भुगतान लेते हैं। कृपया हाँ या नहीं कहिए।
price-changed = इस बीच दाम बदल गया है।
paid = भुगतान हो गया: { $total }। कृपया अपना सामान स्लॉट { $slots } से ले लीजिए।
thanks-name = धन्यवाद, { $customer } जी!
thanks = धन्यवाद!
receipt = आपकी रसीद का नंबर { $order } है।
ask-feedback = आज का अनुभव कैसा रहा? कुछ शब्दों में बताइए।
feedback-thanks = धन्यवाद, हमने आपकी बात दुकान के लिए लिख ली है।
feedback-skipped = कोई बात नहीं। नमस्ते!
order-cancelled = हमने ऑर्डर रद्द कर दिया है; आपसे कोई पैसा नहीं लिया गया।
nothing-to-cancel = रद्द करने के लिए कुछ नहीं है; आपसे कोई पैसा नहीं लिया गया।
too-late-to-cancel = वह ऑर्डर पूरा हो चुका है। सामान लौटाने के लिए कृपया कर्मचारी से बात कीजिए।
order-expired = सामान आपके लिए रोककर रखने का समय ख़त्म हो गया है; कोई पैसा नहीं लिया गया। क्या हम इसे फिर से रोककर रखें?

## Refusals
out-of-stock = माफ़ कीजिए, यहाँ इतना स्टॉक नहीं बचा है।
too-many = एक बार में हम इतना नहीं बेच सकते।
limit-reached = { $name }: ऐसी चीज़ें एक ग्राहक को एक दिन में ज़्यादा से ज़्यादा { $limit } ही बेची जा सकती हैं।
age-restricted = यह सिर्फ़ { $min_age } साल या उससे ज़्यादा उम्र वालों को बेचा जाता है, इसलिए कर्मचारी की मंज़ूरी ज़रूरी है। हमने एक कर्मचारी को बुला लिया है।
payment-declined = भुगतान मंज़ूर नहीं हुआ; कोई पैसा नहीं लिया गया। क्या फिर से कोशिश करें?
payment-unclear = भुगतान मशीन से संपर्क नहीं हो पाया; हमने एक कर्मचारी को बुला लिया है। आपसे दो बार पैसे नहीं लिए जाएँगे।
dispense-failed = मशीन आपका सामान नहीं निकाल पाई। आपसे कोई पैसा नहीं लिया गया; हमने एक कर्मचारी को बुला लिया है।
dispense-partial = आपके ऑर्डर का सिर्फ़ कुछ हिस्सा निकला है; आपको सिर्फ़ उसी का भुगतान करना है। हमने एक कर्मचारी को बुला लिया है।
dispense-unclear = यह पता नहीं चल पाया कि आपका सामान निकला या नहीं; हमने एक कर्मचारी को बुला लिया है। जो निकलेगा, भुगतान सिर्फ़ उसी का होगा।
goods-unpaid = आपका सामान निकल गया है, पर भुगतान नहीं लिया जा सका; आपसे कोई पैसा नहीं लिया गया। हमने एक कर्मचारी को बुला लिया है।
consent-void = आपके “हाँ” कहने के बाद ऑर्डर बदल गया है। हम एक बार फिर पूछ लेते हैं।
