package dev.kimi.test.spring.app;

import org.springframework.stereotype.Repository;

/** Of the application's other side. */
@Repository
class Archive {}
