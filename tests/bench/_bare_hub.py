# ruff: noqa: F821
# The configuration of the hub that workspace_start.py compares with: DockerSpawner as its own README starts it.
import os

c = get_config()  # type: ignore[name-defined]
c.JupyterHub.spawner_class = "docker"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.allow_named_servers = True
c.JupyterHub.hub_ip = "0.0.0.0"
c.JupyterHub.hub_connect_url = "http://bare-hub:8081"
c.JupyterHub.db_url = "sqlite:////tmp/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "/tmp/cookie_secret"
c.JupyterHub.redirect_to_server = False
c.JupyterHub.bind_url = "http://0.0.0.0:8000"
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = "http://proxy-api:8001"
c.ConfigurableHTTPProxy.auth_token = os.environ["BARE_PROXY_TOKEN"]
c.DockerSpawner.image = os.environ["BARE_IMAGE"]
c.DockerSpawner.network_name = os.environ["BARE_NETWORK"]
c.DockerSpawner.use_internal_ip = True
c.DockerSpawner.remove = True
c.DockerSpawner.pull_policy = "never"
c.DockerSpawner.name_template = "ecluse-bench-bare-workspace-{servername}"
