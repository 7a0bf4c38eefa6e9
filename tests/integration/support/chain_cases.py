# SPDX-License-Identifier: Apache-2.0
"""Home directories and environments with credentials in them, thought up from a seed.

A case has one source that should be found, perhaps with a fault, and some of those that come after it in the chain. Whether the
right one is found is not decided here: botocore says, but for what it does not know.
"""
import datetime
import hashlib
import json

from support.responder import in_seconds, secret_of, token_of

PLACES = ["env", "assume-role", "assume-role-with-web-identity", "sso", "shared-credentials-file", "login", "custom-process",
          "config-file", "container-role", "iam-role"]
ACCOUNT = "123456789012"
START_URL = "https://corp.awsapps.com/start"


def arn(name):
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def time_in(chance, seconds):
    """As various programs write it."""
    moment = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=seconds)
    east = moment.astimezone(datetime.timezone(datetime.timedelta(hours=2)))
    return chance.choice([in_seconds(seconds), f"{moment:%Y-%m-%dT%H:%M:%S} UTC", f"{moment:%Y%m%dT%H%M%SZ}", f"{east:%Y-%m-%dT%H:%M:%S%z}",
                          f"{moment:%Y-%m-%d %H:%M:%S}+00:00", f"{moment:%a, %d %b %Y %H:%M:%S} GMT"])


class Case:
    def __init__(self, chance, url, is_explicit=None):
        self.chance, self.url = chance, url
        self.config, self.credentials, self.environment, self.files = {}, {}, {"AWS_EC2_METADATA_DISABLED": "true"}, {}
        self.name = chance.choice(["default", "work"])
        self.is_explicit = chance.random() < 0.35 if is_explicit is None else is_explicit
        if not self.is_explicit and (self.name != "default" or chance.random() < 0.3):
            self.environment[chance.choice(["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])] = self.name
        self.wanted = set()  # places of the chain that have something
        self.place = self.fault = None
        self.login = None  # what should be found where botocore 1.29 does not look
        self.set(self.name, {"output": "json"})
        self.choose_region()

    def choose_region(self):
        region = self.chance.choice([None, "us-east-1", "eu-west-1", "eu-west-1", "me-south-1", "cn-north-1", "us-gov-west-1"])
        if region and self.chance.random() < 0.5:
            self.environment["AWS_DEFAULT_REGION"] = region
        elif region:
            self.set(self.name, {"region": region})
        for flag in ("use_fips_endpoint", "use_dualstack_endpoint"):
            if region and self.chance.random() < 0.15:
                self.chance.choice([lambda: self.set(self.name, {flag: "true"}),
                                    lambda: self.environment.update({f"AWS_{flag.upper()}": "true"})])()
        if self.chance.random() < 0.3:
            self.environment["AWS_STS_REGIONAL_ENDPOINTS"] = self.chance.choice(["legacy", "regional"])
        elif self.chance.random() < 0.2:
            self.set(self.name, {"sts_regional_endpoints": self.chance.choice(["legacy", "regional"])})

    def set(self, profile, values, file="config"):
        section = profile if file == "credentials" or profile == "default" else f"profile {profile}"
        getattr(self, file).setdefault(section, {}).update(values)

    def set_section(self, name, values):
        self.config.setdefault(name, {}).update(values)

    def region(self):
        section = self.name if self.name == "default" else f"profile {self.name}"
        return self.environment.get("AWS_DEFAULT_REGION") or self.config[section].get("region")

    def static_keys(self, profile, file):
        key = f"AK{file[:4].upper()}{profile.upper().replace(' ', '')}{self.chance.choice(['', 'T'])}"
        values = {"aws_access_key_id": key, "aws_secret_access_key": secret_of(key)}
        if key.endswith("T"):
            values[self.chance.choice(["aws_session_token", "aws_security_token"])] = token_of(key)
        return values

    def write(self, directory):
        """The files, as they were before anybody has used them."""
        def text(sections):
            return "\n".join(line for name, values in sections.items()
                             for line in (f"[{name}]", *(f"{key} = {value}" for key, value in values.items())))
        for path, content in {".aws/config": text(self.config), ".aws/credentials": text(self.credentials), **self.files}.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_text(content.replace("@HOME@", str(directory)))

    def variables(self, directory):
        return {"HOME": str(directory), "AWS_CONFIG_FILE": str(directory / ".aws/config"),
                "AWS_SHARED_CREDENTIALS_FILE": str(directory / ".aws/credentials"),
                **{name: value.replace("@HOME@", str(directory)) for name, value in self.environment.items()}}


# Sources, each good or with a fault. They are added from the last of the chain to the first.

def add_env(case, fault=None):
    case.environment["AWS_ACCESS_KEY_ID"] = "AKENV"
    if fault != "no secret":
        case.environment["AWS_SECRET_ACCESS_KEY"] = secret_of("AKENV")
    if case.chance.random() < 0.3:
        case.environment["AWS_CREDENTIAL_EXPIRATION"] = time_in(case.chance, 7200)
    if fault == "expired":
        case.environment["AWS_CREDENTIAL_EXPIRATION"] = time_in(case.chance, -60)


def options_of_role(case, profile):
    chance, values = case.chance, {}
    if chance.random() < 0.3:
        values["external_id"] = "an id &=+"
    if chance.random() < 0.3:
        values["role_session_name"] = "me@home"
    if chance.random() < 0.3:
        values["duration_seconds"] = chance.choice(["900", "3600", "long"])
    if chance.random() < 0.2:
        values["mfa_serial"] = f"arn:aws:iam::{ACCOUNT}:mfa/me"
    case.set(profile, values)


def add_source(case, profile, kinds):
    """What a source profile may have."""
    kind = case.chance.choice(kinds)
    if kind == "shared":
        case.set(profile, case.static_keys(profile, "credentials"), "credentials")
    elif kind == "config":
        case.set(profile, case.static_keys(profile, "config"))
    elif kind == "process":
        add_process(case, profile=profile)
    elif kind == "sso":
        add_sso(case, profile=profile, kinds=["legacy"])
    elif kind == "web":
        case.set(profile, {"role_arn": arn("behind"), "web_identity_token_file": "@HOME@/token-behind"})
        case.files["token-behind"] = "web.identity.behind"


def add_assume_role(case, fault=None):
    chance, name = case.chance, case.name
    options_of_role(case, name)
    role = fault[5:] if fault and fault.startswith("role ") else "reader"
    how = chance.choice(["source", "source", "source", "self", "chained", "environment", "container", "instance"])
    if how in ("container", "instance", "environment") and (fault or not case.is_explicit):
        how = "source"
    case.set(name, {"role_arn": arn(role)})
    if how == "source":
        case.set(name, {"source_profile": "base"})
        add_source(case, "base", ["shared", "config", "process", "sso", "web"])
    elif how == "self":
        case.set(name, {"source_profile": name})
        # "aws login", which botocore 1.29 does not know, would be found before keys of the config file.
        add_source(case, name, ["shared"] if "login" in case.wanted else ["shared", "config"])
    elif how == "chained":
        case.set(name, {"source_profile": "middle"})
        case.set("middle", {"role_arn": arn("middle"), "source_profile": "base"})
        options_of_role(case, "middle")
        add_source(case, "base", ["shared", "config"])
    elif how == "environment":
        case.set(name, {"credential_source": "Environment"})
        add_env(case)
    elif how == "container":
        case.set(name, {"credential_source": "EcsContainer"})
        add_container(case)
    else:
        case.set(name, {"credential_source": "Ec2InstanceMetadata"})
        add_metadata(case)
    spoil_role(case, fault)


def spoil_role(case, fault):
    section = case.config[case.name if case.name == "default" else f"profile {case.name}"]
    change = {
        "both sources": lambda: section.update(source_profile="base", credential_source="Environment"),
        "no source": lambda: section.pop("source_profile"),
        "unknown source": lambda: (section.pop("source_profile"), section.update(credential_source="Moon")),
        "other case": lambda: (section.pop("source_profile"), section.update(credential_source="environment")),
        "empty source": lambda: (section.pop("source_profile"), section.update(credential_source="Environment")),
        "missing profile": lambda: section.update(source_profile="nobody"),
        "empty profile": lambda: (section.update(source_profile="empty"), case.set("empty", {"output": "text"})),
        "partial profile": lambda: (section.update(source_profile="half"), case.set("half", {"aws_access_key_id": "AKHALF"})),
        "cycle": lambda: (section.update(source_profile="other"),
                          case.set("other", {"role_arn": arn("o"), "source_profile": case.name})),
        "long cycle": lambda: (section.update(source_profile="other"),
                               case.set("other", {"role_arn": arn("o"), "source_profile": "third"}),
                               case.set("third", {"role_arn": arn("t"), "source_profile": "other"})),
        "self without keys": lambda: section.update(source_profile=case.name),
    }.get(fault)
    if change:
        section.pop("credential_source", None)
        section.setdefault("source_profile", "base")
        change()
    if fault in ("empty source", "other case", "unknown source", "both sources"):
        case.environment.pop("AWS_ACCESS_KEY_ID", None)
    if fault == "self without keys":
        for sections in (case.config, case.credentials):
            for values in sections.values():
                for key in [key for key in values if key.startswith("aws_")]:
                    del values[key]


def add_web_identity(case, fault=None):
    token = {"empty": "", "two lines": "two\nlines"}.get(fault, "web.identity.token")
    role = arn(fault[5:] if fault and fault.startswith("role ") else case.chance.choice(["web", "web", "busy"]))
    settings = {"web_identity_token_file": "@HOME@/token", "role_arn": role}
    variables = {"web_identity_token_file": "AWS_WEB_IDENTITY_TOKEN_FILE", "role_arn": "AWS_ROLE_ARN",
                 "role_session_name": "AWS_ROLE_SESSION_NAME"}
    if case.chance.random() < 0.4:
        settings["role_session_name"] = "pod"
    if fault == "no role":
        del settings["role_arn"]
    if fault != "no file":
        case.files["token"] = token
    everything_in = "environment" if "assume-role" in case.wanted else case.chance.choice(["environment", "profile", "profile", None])
    for key, value in settings.items():
        if not case.is_explicit and (everything_in or case.chance.choice(["environment", "profile"])) == "environment":
            case.environment[variables[key]] = value
        else:
            case.set(case.name, {key: value})


def add_sso(case, fault=None, profile=None, kinds=("legacy", "session")):
    chance, profile = case.chance, profile or case.name
    where = {"sso_start_url": START_URL, "sso_region": chance.choice(["eu-west-1", "us-east-1"])}
    role = fault[5:] if fault and fault.startswith("role ") else "reader & co"
    case.set(profile, {"sso_account_id": ACCOUNT, "sso_role_name": role})
    kind = chance.choice(list(kinds))
    if fault in ("no session", "other region", "session lacks", "expired token", "bad renewal", "renewal", "early renewal"):
        kind = "session"
    if kind == "session":
        case.set(profile, {"sso_session": "corp"})
        if fault != "no session":
            case.set_section("sso-session corp", {**where, "sso_registration_scopes": "sso:account:access"})
        if fault == "session lacks":
            del case.config["sso-session corp"]["sso_region"]
        if fault == "other region":
            case.set(profile, {"sso_region": "ap-south-1"})
        elif chance.random() < 0.3:
            case.set(profile, {"sso_start_url": START_URL})
    else:
        case.set(profile, where)
    if fault == "incomplete":
        values = case.config[profile if profile == "default" else f"profile {profile}"]
        values.pop(chance.choice(["sso_role_name", "sso_account_id", *(where if kind == "legacy" else [])]))
    if fault != "no token":
        name = hashlib.sha1((START_URL if kind == "legacy" else "corp").encode()).hexdigest()
        case.files[f".aws/sso/cache/{name}.json"] = json.dumps(sso_token(case, fault))


def sso_token(case, fault):
    left = {"expired token": -60, "bad renewal": -60, "renewal": -60, "early renewal": 600}.get(fault, 7200)
    token = {"startUrl": START_URL, "accessToken": "revoked-1" if fault == "revoked" else "token-1", "expiresAt": in_seconds(left)}
    if fault in ("bad renewal", "renewal", "early renewal"):
        token |= {"clientId": "client", "clientSecret": secret_of("client"), "registrationExpiresAt": in_seconds(86400),
                  "refreshToken": "bad-1" if fault == "bad renewal" else "good-1"}
    if fault == "broken token":
        del token[case.chance.choice(["accessToken", "expiresAt"])]
    return token


def add_shared(case, fault=None):
    case.set(case.name, case.static_keys(case.name, "credentials"), "credentials")
    if fault == "no secret":
        del case.credentials[case.name]["aws_secret_access_key"]


def add_login(case, fault=None):
    key = "ASIALOGIN"
    session = f"arn:aws:iam::{ACCOUNT}:user/me"
    token = {"accessToken": {"accessKeyId": key, "secretAccessKey": secret_of(key), "sessionToken": token_of(key),
                             "accountId": ACCOUNT, "expiresAt": in_seconds(3600)},
             "clientId": "arn:aws:signin:::devtools/same-device", "refreshToken": "r", "dpopKey": "k"}
    case.set(case.name, {"login_session": session})
    if fault == "broken":
        del token["accessToken"]["secretAccessKey"]
    if fault != "no token":
        case.files[f".aws/login/cache/{hashlib.sha256(session.encode()).hexdigest()}.json"] = json.dumps(token)
    case.login = ("source",) if fault else ("login", key, secret_of(key), token_of(key))


def add_process(case, fault=None, profile=None):
    profile = profile or case.name
    key = f"ASIAPROCESS{profile.upper()}"
    answer = {"Version": 2 if fault == "version" else 1, "AccessKeyId": key, "SecretAccessKey": secret_of(key)}
    if profile != case.name or case.chance.random() < 0.6:
        answer |= {"SessionToken": token_of(key)}
    if case.chance.random() < 0.5:
        answer |= {"Expiration": time_in(case.chance, 7200)}
    if fault == "partial":
        del answer["SecretAccessKey"]
    file = f"process output {profile}"
    case.files[file] = "{" if fault == "not JSON" else json.dumps(answer)
    case.set(profile, {"credential_process": {"fails": "/bin/false", "not there": "/nonexistent/program"}.get(
        fault, f"/bin/cat '@HOME@/{file}'")})


def add_config(case, fault=None):
    case.set(case.name, case.static_keys(case.name, "config"))
    if fault == "no secret":
        del case.config[case.name if case.name == "default" else f"profile {case.name}"]["aws_secret_access_key"]


def add_container(case, fault=None):
    case.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"{case.url}/container-{fault or 'good'}/x?y=z"
    case.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "Bearer-of container"
    if fault == "foreign host":
        case.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://192.0.2.1/x"


def add_metadata(case, fault=None):
    case.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = f"{case.url}/imds-{fault or case.chance.choice(['good', 'v1'])}/"
    case.environment.pop("AWS_EC2_METADATA_DISABLED", None)


ADD = dict(zip(PLACES, [add_env, add_assume_role, add_web_identity, add_sso, add_shared, add_login, add_process, add_config,
                        add_container, add_metadata]))
ROLE_FAULTS = ["role denied", "role unknown-key", "role down", "role html", "role no-xml", "role partial", "role timeless", "role expired"]
FAULTS = {
    "env": ["no secret", "expired"],
    "assume-role": ["both sources", "no source", "unknown source", "other case", "empty source", "missing profile", "empty profile",
                    "partial profile", "cycle", "long cycle", "self without keys", *ROLE_FAULTS],
    "assume-role-with-web-identity": ["no role", "no file", "empty", "two lines", *ROLE_FAULTS],
    "sso": ["no session", "other region", "session lacks", "incomplete", "no token", "broken token", "revoked", "expired token",
            "bad renewal", "renewal", "early renewal", "role forbidden", "role html", "role partial", "role odd"],
    "shared-credentials-file": ["no secret"],
    "login": ["broken", "no token"],
    "custom-process": ["fails", "not there", "not JSON", "version", "partial"],
    "config-file": ["no secret"],
    "container-role": ["denied", "html", "partial", "foreign host"],
    "iam-role": ["norole", "bad", "html", "partial", "failed"],
}


def think_up(chance, url, place, fault=None):
    """A case that is about one place, with some of those behind it, its neighbour mostly."""
    case = Case(chance, url, is_explicit=False if place == "env" else None)
    case.place, case.fault = place, fault
    index = PLACES.index(place)
    case.wanted = {place} | {later for later in PLACES[index + 1:] if chance.random() < 0.25}
    if index + 1 < len(PLACES) and chance.random() < 0.7:
        case.wanted.add(PLACES[index + 1])
    if "assume-role" in case.wanted and case.is_explicit:
        case.wanted.discard("assume-role-with-web-identity")  # the two share role_arn; the other one is in the environment
    for each in reversed(PLACES):
        if each in case.wanted:
            ADD[each](case, fault if each == place else None)
    if case.is_explicit and chance.random() < 0.5:  # which must not matter
        case.environment.setdefault("AWS_ACCESS_KEY_ID", "AKENV")
        case.environment.setdefault("AWS_SECRET_ACCESS_KEY", secret_of("AKENV"))
    return case
