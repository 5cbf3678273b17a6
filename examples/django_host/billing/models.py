"""The host's own rows. What is owed, promised, dunned or reserved stands in none of them: that is derived from facts."""

from django.db import models


class Customer(models.Model):
    """Who buys; ``code`` is the id of its account in the library."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    links_revoked = models.PositiveIntegerField(default=0)
    """Part of every token: one more, and all links that were given out are dead."""

    class Meta:
        ordering = ("code",)
        permissions = (("collect", "May work on what customers owe"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Order(models.Model):
    """What was ordered. Whether it may go ahead is not in the row: the engine decides it again when the account changes."""

    number = models.CharField(max_length=40, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3, default="EUR")
    placed_on = models.DateField()
    placed_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return self.number
