@NullMarked
package dev.kimi.integration.web.mvc;

import org.jspecify.annotations.NullMarked;
