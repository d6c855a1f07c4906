/** What the calls of one account share so that many failures do not become a storm: budget, ratio, gate, throttle. */
@NullMarked
package dev.kimi.internal.governor;

import org.jspecify.annotations.NullMarked;
