"""The variables that JupyterHub 6.1 gives a named server, for tests that stand in for the hub."""

from ecluse.rules.workspace import SpawnPlan

IMAGE = "sha256:" + "1" * 64


def hub_environment(plan: SpawnPlan, image: str = IMAGE) -> dict[str, str]:
    """What JupyterHub 6.1 gives a named server."""
    prefix = f"/user/{plan.person}/{plan.project}/"
    scopes = f'["access:servers!server={plan.person}/{plan.project}", "access:servers!user={plan.person}"]'
    return {
        "JUPYTERHUB_API_TOKEN": "ab" * 16,
        "JPY_API_TOKEN": "ab" * 16,
        "JUPYTERHUB_CLIENT_ID": f"jupyterhub-user-{plan.person}-{plan.project}",
        "JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED": "0",
        "JUPYTERHUB_COOKIE_OPTIONS": '{"samesite": "Lax", "secure": false}',
        "JUPYTERHUB_HOST": "",
        "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{prefix}oauth_callback",
        "JUPYTERHUB_OAUTH_SCOPES": scopes,
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": scopes,
        "JUPYTERHUB_OAUTH_CLIENT_ALLOWED_SCOPES": "[]",
        "JUPYTERHUB_USER": plan.person,
        "JUPYTERHUB_SERVER_NAME": plan.project,
        "JUPYTERHUB_API_URL": "https://hub:8081/hub/api",
        "JUPYTERHUB_ACTIVITY_URL": f"https://hub:8081/hub/api/users/{plan.person}/activity",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_SERVICE_PREFIX": prefix,
        "JUPYTERHUB_SERVICE_URL": f"https://0.0.0.0:8888{prefix}",
        "JUPYTERHUB_PUBLIC_URL": f"http://localhost:8000{prefix}",
        "JUPYTERHUB_PUBLIC_HUB_URL": "http://localhost:8000/hub/",
        "JUPYTERHUB_DEFAULT_URL": "/lab",
        "JUPYTERHUB_DISABLE_USER_CONFIG": "1",
        "JUPYTER_IMAGE_SPEC": image,
        "MEM_LIMIT": str(plan.limits.memory),
        "CPU_LIMIT": str(plan.limits.cpus),
        **plan.environment,
    }
