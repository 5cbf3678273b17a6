from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Customer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=20, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("links_revoked", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ("code",),
                "permissions": (("collect", "May work on what customers owe"),),
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=40, unique=True)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("currency", models.CharField(default="EUR", max_length=3)),
                ("placed_on", models.DateField()),
                ("placed_by", models.CharField(blank=True, max_length=150)),
                (
                    "customer",
                    models.ForeignKey(on_delete=models.deletion.PROTECT, related_name="orders", to="billing.customer"),
                ),
            ],
            options={"ordering": ("number",)},
        ),
    ]
