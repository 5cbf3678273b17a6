"""The accounts-receivable engine that a billing app embeds."""

from receivables.documents.credit import CreditLimit, Hold, Order
from receivables.documents.customer import Contact, Customer
from receivables.documents.invoice import CreditNote, Invoice, InvoiceLine
from receivables.documents.payment import Allocation, Payment
from receivables.documents.terms import PaymentTerms
from receivables.state.account import Account, fold
from receivables.policies.book import PolicyBook
from receivables.policies.credit import CreditPolicy
from receivables.policies.dunning import DunningPolicy, DunningStep
from receivables.values.currencies import Currency
from receivables.values.money import Money
