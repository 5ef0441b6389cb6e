// Shows which installation this is and whether its API answers.

function show(id, text) {
  document.getElementById(id).textContent = text;
}

async function health(endpoint) {
  try {
    const answer = await fetch(`${endpoint}/health`);
    return answer.ok ? "well" : `answers ${answer.status}`;
  } catch {
    return "does not answer";
  }
}

const answer = await fetch("aws-config.json");
if (answer.ok) {
  const config = await answer.json();
  show("installation", `${config.projectName}-${config.environment}`);
  show("region", config.region);
  show("endpoint", config.apiEndpoint);
  show("health", await health(config.apiEndpoint));
} else {
  show("health", "This page has no configuration.");
}
