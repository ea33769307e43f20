"""Made-up phones and tax numbers: of the right shape and area, with right check digits, in ranges nobody uses."""

from __future__ import annotations

_CNPJ = (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
_CPF = (10, 9, 8, 7, 6, 5, 4, 3, 2)
_NIF = (9, 8, 7, 6, 5, 4, 3, 2)


def mobile(country: str, area: str, number: int) -> str:
    """A mobile number in E.164; ``number`` counts up, 10,000 to 100,000 of them are different."""
    if country == "BR":
        return f"+55{area}9555{number % 100_000:05d}"
    if country == "ES":
        return f"+346{number // 10_000 % 80 + 10:02d}55{number % 10_000:04d}"
    if country == "PT":
        return f"+3519{'1236'[number // 10_000 % 4]}555{number % 10_000:04d}"
    return f"+1{area}555{number % 10_000:04d}"


def landline(country: str, area: str, number: int) -> str:
    """A landline number in E.164."""
    if country == "BR":
        return f"+55{area}3555{number % 10_000:04d}"
    if country in ("ES", "PT"):
        return ("+34" if country == "ES" else "+351") + (area + f"55{number % 100_000:05d}0")[:9]
    return f"+1{area}555{number % 10_000:04d}"


def company_tax_id(country: str, number: int) -> str:
    """The tax number of a company: CNPJ, NIF, CIF or EIN; ``number`` up to a million."""
    if country == "BR":
        digits = [int(c) for c in f"99{number % 1_000_000:06d}0001"]
        for weights in (_CNPJ, (6, *_CNPJ)):
            digits.append(-sum(n * w for n, w in zip(digits, weights, strict=True)) % 11 % 10)
        return "".join(map(str, digits))
    if country == "PT":
        digits = [int(c) for c in f"59{number % 1_000_000:06d}"]
        check = 11 - sum(n * w for n, w in zip(digits, _NIF, strict=True)) % 11
        return "".join(map(str, digits)) + str(check if check < 10 else 0)
    if country == "ES":
        body = f"00{number % 100_000:05d}"
        odd = sum(sum(divmod(2 * int(c), 10)) for c in body[::2])
        return f"B{body}{-(odd + sum(int(c) for c in body[1::2])) % 10}"
    return f"99{number % 10_000_000:07d}"


def cpf(number: int) -> str:
    """A CPF, the Brazilian tax number of a person."""
    digits = [int(c) for c in f"999{number % 1_000_000:06d}"]
    for weights in (_CPF, (11, *_CPF)):
        digits.append(sum(n * w for n, w in zip(digits, weights, strict=True)) * 10 % 11 % 10)
    return "".join(map(str, digits))
