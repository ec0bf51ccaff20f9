"""`rapport up`: the whole service on this machine, supervised."""

from streams.cli.access import tokens_of
from streams.cli.composition.connections import read_settings
from streams.cli.composition.local import listening_port, prepared, wait_for_desk
from streams.cli.terminal import tell
from streams.process import logs
from streams.process.supervise import stop_on_signals


def up() -> None:
    """Run the whole service on this machine: broker, database, workers, relay, desk and intake, until Ctrl-C.

    Broker and database are the embedded ones and keep their data in RAPPORT_DATA_FOLDER, unless
    RAPPORT_BOOTSTRAP_SERVERS and RAPPORT_DATABASE_URL name others.

    Example: rapport up
    """
    settings = read_settings()
    logs.configure("WARNING")
    tokens_of(settings)
    port = listening_port("intake", settings.intake_host, settings.intake_port)
    settings = settings.model_copy(update={"intake_port": port})
    with prepared(settings) as service:
        supervisor = service.supervisor
        supervisor.add("intake", ["intake"])
        stop_on_signals(supervisor.stopping)
        supervisor.start()
        try:
            if wait_for_desk(service, supervisor.stopping):
                tell(f"The desk is at {service.desk_link}")
            elif not supervisor.stopping.is_set():
                tell("The desk does not answer yet; its log says why.")
            tell(f"Send events to {service.intake_url}; logs are in {settings.data_folder}/logs")
            supervisor.watch()
        finally:
            supervisor.stop()
