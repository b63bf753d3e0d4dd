"""Payments by Stripe behind the PaymentTerminal protocol; no card data passes through here, only a payment method's id.

An order's authorisation is a PaymentIntent with manual capture. Its key is Stripe's idempotency key and is kept in the
intent's metadata, by which it is found again.
"""

import time
from typing import Any

import stripe
from babel.numbers import get_currency_precision

from tools.errors import HardwareError, MoneyError
from tools.money import Money
from tools.payment import Operation, PaymentRecord

KEY = "walkiosk_key"
ABANDONED = "walkiosk_abandoned"
SEARCH_S = 8 * 24 * 3600
"""How far back an intent is looked for; Stripe lets an authorisation lapse after seven days."""
PAGE = 100
"""How many intents Stripe lists at once, at most."""
TIMEOUT_S = 60.0

# https://docs.stripe.com/currencies
ZERO_DECIMAL = {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
THREE_DECIMAL = {"BHD", "JOD", "KWD", "OMR", "TND"}


class StripeTerminal:
    """Charges one payment method, which a terminal or a test provides; HardwareError when Stripe gives no answer."""

    def __init__(self, api_key: str, payment_method: str, api_base: str | None = None) -> None:
        self._payment_method = payment_method
        self._client = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base} if api_base else {},
            http_client=stripe.HTTPXClient(timeout=TIMEOUT_S),
            max_network_retries=0,
        ).v1

    async def authorise(self, amount: Money, key: str) -> PaymentRecord:
        """Set the amount aside; declined too when the bank wants a customer who can answer questions."""
        try:
            intent = await self._client.payment_intents.create_async(
                {
                    "amount": stripe_amount(amount),
                    "currency": amount.currency.lower(),
                    "capture_method": "manual",
                    "payment_method": self._payment_method,
                    "confirm": True,
                    "metadata": {KEY: key},
                },
                {"idempotency_key": key},
            )
        except stripe.CardError:
            return _record("authorise", False, "", amount, key)
        except stripe.IdempotencyError:  # asked for otherwise before, or abandoned
            return await self.lookup(key) or _record("authorise", False, "", amount, key)
        except stripe.StripeError as error:
            raise _no_answer("authorise", error) from error
        if intent.status != "requires_capture":
            await self._cancel(intent.id, f"{key}/unanswered")
            return _record("authorise", False, intent.id, amount, key)
        return _record("authorise", True, intent.id, _money(intent), key)

    async def capture(self, payment_id: str, amount: Money, key: str) -> PaymentRecord:
        """Take at most what was authorised; refused when it has lapsed or was let go."""
        wanted = stripe_amount(amount)
        try:
            intent = await self._client.payment_intents.capture_async(
                payment_id, {"amount_to_capture": wanted}, {"idempotency_key": key}
            )
        except stripe.InvalidRequestError:
            intent = await self._retrieve(payment_id)
        except stripe.StripeError as error:
            raise _no_answer("capture", error) from error
        if intent.status not in ("succeeded", "canceled"):
            raise HardwareError(f"Stripe did not capture payment {payment_id}: it is {intent.status}")
        if intent.status == "succeeded" and getattr(intent, "amount_received", wanted) != wanted:
            raise HardwareError(f"Stripe captured another amount of payment {payment_id} than {amount}")
        return _record("capture", intent.status == "succeeded", payment_id, amount, key)

    async def void(self, payment_id: str, key: str) -> PaymentRecord:
        """Let go; approved too when it had lapsed or was let go before."""
        intent = await self._cancel(payment_id, key)
        if intent.status not in ("succeeded", "canceled"):
            raise HardwareError(f"Stripe did not let go of payment {payment_id}: it is {intent.status}")
        return _record("void", intent.status == "canceled", payment_id, _money(intent), key)

    async def refund(self, payment_id: str, key: str) -> PaymentRecord:
        """Give back what was captured."""
        try:
            refund = await self._client.refunds.create_async(
                {"payment_intent": payment_id, "metadata": {KEY: key}}, {"idempotency_key": key}
            )
        except stripe.InvalidRequestError as error:
            if error.code != "charge_already_refunded":  # an order is paid back once: then it was this
                raise _no_answer("refund", error) from error
            return _record("refund", True, payment_id, _money(await self._retrieve(payment_id)), key)
        except stripe.StripeError as error:
            raise _no_answer("refund", error) from error
        approved = refund.status in ("succeeded", "pending")
        return _record("refund", approved, payment_id, _money(refund), key)

    async def lookup(self, key: str) -> PaymentRecord | None:
        """What was authorised under a key; a declined one counts as nothing, as nothing is set aside for it."""
        intent = await self._find(key)
        if intent is None or intent.status not in ("requires_capture", "succeeded"):
            return None
        return _record("authorise", True, intent.id, _money(intent), key)

    async def abandon(self, key: str) -> PaymentRecord | None:
        """The same; if nothing was authorised, the key is used up for an intent that never charges anyone.

        Stripe refuses another request with a used key, so that one which is still on its way has no effect.
        """
        intent = await self._find(key)
        if intent is not None and intent.status == "processing":
            raise HardwareError(f"Stripe is still busy with payment {intent.id}")
        if intent is not None:
            if intent.status in ("requires_capture", "succeeded"):
                return _record("authorise", True, intent.id, _money(intent), key)
            if intent.status != "canceled":
                await self._cancel(intent.id, f"{key}/abandon")
            return None
        try:
            blank = await self._client.payment_intents.create_async(
                {"amount": 100, "currency": "usd", "capture_method": "manual", "metadata": {KEY: key, ABANDONED: "1"}},
                {"idempotency_key": key},
            )
        except stripe.StripeError as error:  # also when the key is in use: then the next look finds the intent
            raise _no_answer("abandon", error) from error
        await self._cancel(blank.id, f"{key}/abandon")
        return None

    async def _find(self, key: str) -> Any:
        """The intent with this key in its metadata, None if there is none; Stripe lists the newest first."""
        oldest = time.time() - SEARCH_S
        try:
            page: Any = await self._client.payment_intents.list_async({"limit": PAGE})
            async for intent in page.auto_paging_iter():
                if intent.created < oldest:
                    return None
                if getattr(intent.metadata, KEY, None) == key:
                    return intent
        except stripe.StripeError as error:
            raise _no_answer("look up", error) from error
        return None

    async def _cancel(self, payment_id: str, key: str) -> Any:
        """The intent after cancelling it, or as it is when it can no longer be cancelled."""
        try:
            return await self._client.payment_intents.cancel_async(payment_id, None, {"idempotency_key": key})
        except stripe.InvalidRequestError:
            return await self._retrieve(payment_id)
        except stripe.StripeError as error:
            raise _no_answer("let go", error) from error

    async def _retrieve(self, payment_id: str) -> Any:
        try:
            return await self._client.payment_intents.retrieve_async(payment_id)
        except stripe.StripeError as error:
            raise _no_answer("look at a payment", error) from error


def stripe_amount(amount: Money) -> int:
    """An amount in the unit Stripe counts a currency in; MoneyError when it is finer than Stripe takes."""
    minor = amount.amount_minor * 10 ** _stripe_decimals(amount.currency)
    whole, rest = divmod(minor, 10 ** get_currency_precision(amount.currency))
    if rest or (amount.currency in THREE_DECIMAL and whole % 10):
        raise MoneyError(f"Stripe takes no amount as fine as {amount.to_decimal()} {amount.currency}")
    return whole


def _stripe_decimals(currency: str) -> int:
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2


def _money(paid: Any) -> Money:
    """The amount of an intent or refund; MoneyError when it is finer than the currency."""
    currency = str(paid.currency).upper()
    minor = int(paid.amount) * 10 ** get_currency_precision(currency)
    whole, rest = divmod(minor, 10 ** _stripe_decimals(currency))
    if rest:
        raise MoneyError(f"Stripe gave an amount of {paid.amount} in {currency}")
    return Money(amount_minor=whole, currency=currency)


def _record(operation: Operation, approved: bool, payment_id: str, amount: Money, key: str) -> PaymentRecord:
    return PaymentRecord(key=key, operation=operation, approved=approved, payment_id=payment_id, amount=amount)


def _no_answer(what: str, error: stripe.StripeError) -> HardwareError:
    return HardwareError(f"Stripe did not {what}: {error.user_message or type(error).__name__}")
