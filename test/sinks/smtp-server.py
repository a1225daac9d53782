"""An SMTP server of Debian's python3-aiosmtpd: PORT FOLDER [PASSWORD]. Keeps mails as FOLDER/N.eml, renamed when whole."""
import asyncio, os, sys
from aiosmtpd.smtp import SMTP, AuthResult

port, folder, password = int(sys.argv[1]), sys.argv[2], sys.argv[3]
count = 0


class Keep:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("later@"):
            return "451 4.7.1 Greylisted, come again"
        if address.startswith("never@"):
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        global count
        count += 1
        part = os.path.join(folder, f"{count}.part")
        with open(part, "wb") as out:
            out.write(f"X-Envelope: {envelope.mail_from} -> {','.join(envelope.rcpt_tos)}\r\n".encode())
            out.write(envelope.content)
        os.rename(part, os.path.join(folder, f"{count}.eml"))
        return "250 2.0.0 Ok: queued as TEST"


def authenticate(server, session, envelope, mechanism, data):
    right = (data.login, data.password) == (b"flapd", password.encode())
    return AuthResult(success=right, handled=False)


async def main():
    options = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False} if password else {}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Keep(), hostname="test", **options), "127.0.0.1", port)
    await server.serve_forever()


asyncio.run(main())
