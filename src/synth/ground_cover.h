/* SPDX-License-Identifier: MIT
 *
 * ground_cover: lays bright and dark covers on pictures of clear ground, for training: what looks like cloud or shadow
 * and is neither. Snow, salt and sand, patches of film, roofs and solar panels, ponds and lakes, burn scars.
 *
 * Snow reflects 0.6 to 0.98 in the visible bands and less in near infrared the older it is (Warren 1982); dry salt 0.45
 * to 0.75 about alike in all bands; sand rises from blue to near infrared; film and roofs are sharp-edged and nearly
 * grey; water is dark, most so in near infrared; burnt ground loses most in near infrared. The ground's own texture
 * shows through.
 *
 *     clv_random rng;
 *     clv_random_seed(&rng, 7);
 *     clv_ground_cover cover = clv_ground_cover_draw(&rng, CLV_COVER_SNOW);
 *     clv_ground_cover_lay(&cover, bands, width, height);   // red, green, blue, NIR
 *
 * Plain values; pure functions of them: the same cover can be laid on several pictures of one place.
 */
#ifndef CLV_SYNTH_GROUND_COVER_H
#define CLV_SYNTH_GROUND_COVER_H

#include "base/random.h"

typedef enum clv_cover_kind {
    CLV_COVER_SNOW,
    CLV_COVER_SAND,    /* salt flats and sand */
    CLV_COVER_PATCHES, /* film, roofs, solar panels */
    CLV_COVER_WATER,   /* ponds, lakes, flooded fields */
    CLV_COVER_BURN
} clv_cover_kind;

typedef struct clv_ground_cover {
    clv_cover_kind kind;
    uint32_t seed;
    double size;        /* pixels: of the areas that are covered */
    double level;       /* where the smooth field exceeds it ground is covered; in its standard deviations */
    double edge;        /* width of the transition, in standard deviations */
    double texture;     /* how much of the ground's brightness shows through, 0 .. 1 */
    double trees;       /* share of snow that dense vegetation hides, 0 .. 1 */
    double spectrum[4]; /* reflectance (factor of the ground's, when burnt) in red, green, blue, NIR */
    int patches;        /* number */
    double angle;       /* of the patches, radians */
} clv_ground_cover;

clv_ground_cover clv_ground_cover_draw(clv_random *rng, clv_cover_kind kind);
/* bands: red, green, blue, NIR, reflectance [height, width], in place. Without NIR let bands[3] be a plane of zeros:
 * vegetation is then not told from other ground. */
void clv_ground_cover_lay(const clv_ground_cover *cover, float *const bands[4], int width, int height);

#endif
