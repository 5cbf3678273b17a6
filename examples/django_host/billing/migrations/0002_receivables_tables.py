from django.db import migrations

from billing.tables import bring_up, take_down


class Migration(migrations.Migration):
    """The library's tables. When a version of it says that they changed, another migration with the same line follows."""

    dependencies = [("billing", "0001_initial")]
    operations = [migrations.RunPython(bring_up, take_down)]
