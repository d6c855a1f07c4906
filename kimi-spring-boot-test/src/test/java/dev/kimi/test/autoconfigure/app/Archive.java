package dev.kimi.test.autoconfigure.app;

import org.springframework.stereotype.Repository;

/** Of the application's other side. */
@Repository
class Archive {}
