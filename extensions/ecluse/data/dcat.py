"""The catalogue as HealthDCAT-AP: one graph, written as Turtle and JSON-LD; variables as CSVW.

After the European profile for health datasets (sensitive ones: a distribution says how to apply, not where to load).
A dataset states the scheme it belongs to (`skos:inScheme`); it is not wrapped in a `dcat:Catalog`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rdflib import DCAT, DCTERMS, FOAF, RDF, SKOS, XSD, BNode, Graph, Literal, Namespace, URIRef

from ecluse.rules.dataset import ColumnRole, ColumnType, Dataset, DatasetKind

HEALTH = Namespace("http://healthdataportal.eu/ns/health#")
DPV = Namespace("https://w3id.org/dpv#")
DCATAP = Namespace("http://data.europa.eu/r5r/")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
CSVW = Namespace("http://www.w3.org/ns/csvw#")
AUTHORITY = "http://publications.europa.eu/resource/authority"
EHDS = URIRef("http://data.europa.eu/eli/reg/2025/327/oj")
_CATEGORIES = {
    DatasetKind.CLAIMS: "claims",
    DatasetKind.HOSPITAL: "electronic-health-records",
    DatasetKind.DEATHS: "mortality-registries",
    DatasetKind.COHORT: "research-cohorts",
    DatasetKind.REGISTER: "medical-registries",
    DatasetKind.WAREHOUSE: "electronic-health-records",
    DatasetKind.IMAGING: "medical-images",
    DatasetKind.OPEN: "aggregated-data",
}
_XSD = {
    ColumnType.STRING: "string",
    ColumnType.INTEGER: "integer",
    ColumnType.NUMBER: "double",
    ColumnType.DATE: "date",
    ColumnType.DATETIME: "dateTime",
    ColumnType.YEAR: "gYear",
    ColumnType.YEARMONTH: "gYearMonth",
    ColumnType.BOOLEAN: "boolean",
}


@dataclass(frozen=True, slots=True)
class Site:
    """Who publishes: address of the catalogue, the health data access body, and an address for questions."""

    url: str = "https://ecluse.example/catalogue"
    access_body: str = "Health data access body"
    contact: str = "catalogue@ecluse.example"


def catalogue_graph(datasets: Mapping[str, Dataset], site: Site) -> Graph:
    """The datasets as one graph. Columns that are never granted are left out of the variables."""
    graph = Graph()
    for prefix, namespace in {
        "dcat": DCAT, "dct": DCTERMS, "healthdcatap": HEALTH, "dpv": DPV, "dcatap": DCATAP, "vcard": VCARD,
        "csvw": CSVW, "skos": SKOS, "foaf": FOAF,
    }.items():  # fmt: skip
        graph.bind(prefix, namespace)
    scheme = URIRef(f"{site.url}#scheme")
    graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    graph.add((scheme, DCTERMS.title, Literal("Datasets of this platform", lang="en")))
    for dataset in datasets.values():
        _dataset(graph, dataset, site, scheme)
    return graph


def write_catalogue(datasets: Mapping[str, Dataset], site: Site, out: Path) -> list[Path]:
    """Write `catalogue.ttl` and `catalogue.jsonld` into `out`."""
    graph = catalogue_graph(datasets, site)
    out.mkdir(parents=True, exist_ok=True)
    files = {"turtle": out / "catalogue.ttl", "json-ld": out / "catalogue.jsonld"}
    for kind, file in files.items():
        graph.serialize(file, format=kind, encoding="utf-8")
    return list(files.values())


def _dataset(graph: Graph, dataset: Dataset, site: Site, scheme: URIRef) -> None:
    node = URIRef(f"{site.url}/{dataset.id}")
    open_data = dataset.kind is DatasetKind.OPEN and not dataset.agreement_needed
    rights = "PUBLIC" if open_data else "NON_PUBLIC"
    personal = any(c.role is ColumnRole.PERSON for t in dataset.tables.values() for c in t.columns.values())
    facts = [
        (RDF.type, DCAT.Dataset),
        (SKOS.inScheme, scheme),
        (DCTERMS.title, Literal(dataset.title, lang="en")),
        (DCTERMS.description, Literal(dataset.description.strip() or dataset.title, lang="en")),
        (DCTERMS.identifier, Literal(str(node), datatype=XSD.anyURI)),
        (DCTERMS.accessRights, URIRef(f"{AUTHORITY}/access-right/{rights}")),
        (DCATAP.applicableLegislation, EHDS),
        (HEALTH.healthCategory, URIRef(f"{HEALTH}{_CATEGORIES[dataset.kind]}")),
        (HEALTH.healthTheme, Literal(dataset.kind.value, lang="en")),
        (HEALTH.hdab, _agent(graph, site.access_body, site.contact)),
        (DCTERMS.type, URIRef(f"{AUTHORITY}/dataset-type/{'PERSONAL_DATA' if personal else 'STATISTICAL'}")),
        (DCAT.theme, URIRef(f"{AUTHORITY}/data-theme/HEAL")),
        (DCTERMS.publisher, _agent(graph, dataset.producer, dataset.contact or site.contact)),
        (DCTERMS.spatial, URIRef(f"{AUTHORITY}/country/{dataset.spatial}")),
        (DPV.hasPurpose, DPV.AcademicResearch),
        (DCAT.contactPoint, _contact(graph, dataset.contact or site.contact)),
        (DCTERMS.provenance, _provenance(graph, dataset.source or dataset.producer)),
        *((DCAT.keyword, Literal(k, lang="en")) for k in dataset.keywords or (dataset.kind.value, dataset.id)),
    ]
    for predicate, value in facts:
        graph.add((node, predicate, value))
    if personal:
        graph.add((node, DPV.hasPersonalData, DPV.HealthData))
    for name in dataset.tables:
        _distribution(graph, node, dataset, name, rights)


def _distribution(graph: Graph, node: URIRef, dataset: Dataset, name: str, rights: str) -> None:
    table = dataset.tables[name]
    distribution = URIRef(f"{node}/{name}")
    graph.add((node, DCAT.distribution, distribution))
    graph.add((distribution, RDF.type, DCAT.Distribution))
    graph.add((distribution, RDF.type, CSVW.Table))
    graph.add((distribution, DCTERMS.title, Literal(name)))
    graph.add((distribution, DCTERMS.description, Literal(table.description or name, lang="en")))
    graph.add((distribution, DCAT.accessURL, URIRef(f"{node}#apply")))
    graph.add((distribution, DCTERMS.rights, URIRef(f"{AUTHORITY}/access-right/{rights}")))
    graph.add((distribution, DCATAP.applicableLegislation, EHDS))
    schema = URIRef(f"{distribution}#schema")
    graph.add((distribution, CSVW.tableSchema, schema))
    graph.add((schema, RDF.type, CSVW.Schema))
    for column_name, column in table.columns.items():
        if column.role in (ColumnRole.DIRECT, ColumnRole.PROFESSIONAL):
            continue
        variable = URIRef(f"{distribution}#{column_name}")
        graph.add((schema, CSVW.column, variable))
        graph.add((variable, RDF.type, CSVW.Column))
        graph.add((variable, CSVW.name, Literal(column_name)))
        graph.add((variable, CSVW.datatype, URIRef(f"{XSD}{_XSD[column.type]}")))
        if column.description:
            graph.add((variable, DCTERMS.description, Literal(column.description)))


def _agent(graph: Graph, name: str, contact: str) -> BNode:
    node = BNode()
    graph.add((node, RDF.type, FOAF.Agent))
    graph.add((node, FOAF.name, Literal(name)))
    graph.add((node, FOAF.mbox, URIRef(f"mailto:{contact}")))
    return node


def _contact(graph: Graph, address: str) -> BNode:
    node = BNode()
    graph.add((node, RDF.type, VCARD.Kind))
    graph.add((node, VCARD.hasEmail, URIRef(f"mailto:{address}")))
    return node


def _provenance(graph: Graph, text: str) -> BNode:
    node = BNode()
    graph.add((node, RDF.type, DCTERMS.ProvenanceStatement))
    graph.add((node, SKOS.prefLabel, Literal(text)))
    return node
