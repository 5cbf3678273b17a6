"""The addresses: the customer's page under its token, the desk behind the login."""

from billing import customer_pages, desk_pages
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

urlpatterns = [
    path("", desk_pages.worklist_page, name="worklist"),
    path("login/", LoginView.as_view(template_name="billing/login.html"), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("notices/", desk_pages.notices_page, name="notices"),
    path("notices/<str:code>/<str:notice>/", desk_pages.answer_notice, name="answer-notice"),
    path("accounts/<str:code>/", desk_pages.account_page, name="account"),
    path("accounts/<str:code>/orders/", desk_pages.place_order, name="place-order"),
    path("accounts/<str:code>/requests/<str:request_id>/", desk_pages.answer_request, name="answer-request"),
    path("accounts/<str:code>/link/", desk_pages.revoke_links, name="revoke-links"),
    path("c/<str:code>/<str:token>/", customer_pages.show, name="customer"),
    path("c/<str:code>/<str:token>/<str:kind>/", customer_pages.ask, name="ask"),
]
