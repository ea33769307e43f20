"""Addresses are written in the order of their country."""

from __future__ import annotations

import pytest

from crm_desktop.core.addresses import format_address, format_postcode


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("Rua das Acácias, 120", "ap. 3", "Água Verde", "Curitiba", "PR", "80250104", "BR", "BR"),
         ["Rua das Acácias, 120, ap. 3", "Água Verde", "80250-104 Curitiba - PR"]),
        (("Rua das Acácias, 120", "", "", "Curitiba", "", "", None, "BR"), ["Rua das Acácias, 120", "Curitiba"]),
        (("Rua Augusta 12", "2.º Esq.", "", "Lisboa", "Lisboa", "1100048", "PT", "PT"),
         ["Rua Augusta 12", "2.º Esq.", "1100-048 Lisboa"]),
        (("Calle Mayor 3", "2.º B", "", "Alcalá de Henares", "Madrid", "28801", "ES", "ES"),
         ["Calle Mayor 3", "2.º B", "28801 Alcalá de Henares", "Madrid"]),
        (("Calle Mayor 3", "", "", "Madrid", "MADRID", "28001", "ES", "ES"), ["Calle Mayor 3", "28001 Madrid"]),
        (("Av. Corrientes 1234", "Piso 5", "San Nicolás", "Buenos Aires", "CABA", "C1043AAZ", "AR", "AR"),
         ["Av. Corrientes 1234", "Piso 5", "San Nicolás", "C1043AAZ Buenos Aires", "CABA"]),
        (("Av. Providencia 100", "", "", "Providencia", "Santiago", "7500000", "CL", "CL"),
         ["Av. Providencia 100", "7500000 Providencia", "Santiago"]),
        (("Calle 5 núm. 10", "int. 4", "Col. Roma", "Ciudad de México", "CDMX", "06700", "MX", "MX"),
         ["Calle 5 núm. 10, int. 4", "Col. Roma", "06700 Ciudad de México, CDMX"]),
        (("12 Main St", "Apt 4", "", "Springfield", "IL", "627041234", "US", "US"),
         ["12 Main St", "Apt 4", "Springfield, IL 62704-1234"]),
        (("10 High Street", "Flat 2", "Hampton", "Bristol", "Avon", "bs15ah", "GB", "GB"),
         ["Flat 2", "10 High Street", "Hampton", "Bristol", "BS1 5AH"]),
        (("Hauptstraße 5", "", "", "Köln", "NRW", "50667", "DE", "DE"), ["Hauptstraße 5", "50667 Köln"]),
        (("5 rue de la Paix", "Bâtiment B", "", "Paris", "", "75002", "FR", "FR"),
         ["Bâtiment B", "5 rue de la Paix", "75002 Paris"]),
        (("Street 1", "", "", "Nairobi", "Nairobi County", "00100", "KE", "KE"),
         ["Street 1", "00100 Nairobi", "Nairobi County"]),
        (("", "", "", "", "", "", "BR", "BR"), []),
        (("", "", "", "", "NRW", "", "DE", "DE"), ["NRW"]),
    ],
)  # fmt: skip
def test_order_of_the_country(parts, expected):
    assert format_address(*parts) == expected


def test_country_is_the_last_line_of_an_address_abroad_only():
    abroad = format_address("Hauptstraße 5", city="Köln", postcode="50667", country="DE", office_country="US")
    assert abroad == ["Hauptstraße 5", "50667 Köln", "GERMANY"]
    assert format_address(street="5 Elm St", country="us", office_country="US") == ["5 Elm St"]


def test_line_breaks_inside_a_part_do_not_make_lines():
    assert format_address("Rua A,\n 10", city="Itu", country="BR", office_country="BR") == ["Rua A, 10", "Itu"]


def test_postcodes_that_do_not_fit_are_left_alone():
    assert format_postcode("80.250-104", "BR") == "80250-104"
    assert format_postcode("8025", "BR") == "8025"
    assert format_postcode(None, "PT") == ""
