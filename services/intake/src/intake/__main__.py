from chassis.run import main
from intake.service import DECLARED

main(DECLARED)
