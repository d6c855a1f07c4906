package dev.kimi.test.autoconfigure.app;

import org.springframework.stereotype.Service;

/** Has no client of its own. */
@Service
class ArchivingAssistant {

    ArchivingAssistant(Archive archive, Assistant assistant) {}
}
