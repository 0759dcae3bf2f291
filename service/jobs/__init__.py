"""Background work, fed by the audit log: what an event asks for is done once, by one worker at a time."""
